//! The pictures that effects lay over a selection.

use std::sync::Arc;

use super::Loader;
use super::asking::Answer;
use crate::diagnostic::Diagnostic;
use crate::effect::Effect;
use crate::effect::field::{Animation, Field, PictureFile};

impl Loader<'_> {
    /// The effect with the pictures that it names.
    pub(super) fn with_pictures(&mut self, effect: &Effect) -> Effect {
        let mut effect = effect.clone();
        if let Effect::Field(field) = &mut effect
            && let Field::Picture(picture) = &mut **field
        {
            picture.file.animation = self.picture(&picture.file);
        }
        effect
    }

    /// Reads a picture once; says so when it cannot.
    fn picture(&mut self, file: &PictureFile) -> Option<Arc<Animation>> {
        if !self.is_inside(&file.path, &file.place) {
            return None;
        }
        self.read.insert(file.path.clone());
        if let Some((bytes, animation)) = self.pictures.get(&file.path) {
            self.world.answers.push(Answer::Bytes(file.path.clone(), Ok(Arc::clone(bytes))));
            return Some(Arc::clone(animation));
        }
        let bytes = match self.world.bytes(&file.path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unread(&file.path, &file.place, &error);
                return None;
            }
        };
        match Animation::read(&bytes) {
            Ok(animation) => {
                let animation = Arc::new(animation);
                self.pictures.insert(file.path.clone(), (bytes, Arc::clone(&animation)));
                Some(animation)
            }
            Err(error) => {
                let message = format!("`{}` is no picture: {error}", file.path);
                self.decoder.say(Diagnostic::error("no-picture", file.place.clone(), message));
                None
            }
        }
    }
}
