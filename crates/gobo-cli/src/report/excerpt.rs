//! What of a text is shown around a place. A line may be a whole file: of a long one, a window.

use std::ops::Range;
use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// The longest line that is shown whole, in bytes.
const LONGEST: usize = 400;
/// How much of a longer one is shown before the place, and from its start on, in bytes.
const BEFORE: usize = 60;
const AFTER: usize = 120;

/// A text in which one place is shown.
#[derive(Debug)]
pub(super) struct Excerpt {
    pub(super) name: String,
    pub(super) text: Arc<str>,
    /// What is shown, if not whole lines, and where the place is: its line and its column in
    /// characters, from 0.
    window: Option<(Range<usize>, [usize; 2])>,
}

impl Excerpt {
    /// The text around `place`, its bytes on one line.
    pub(super) fn new(name: String, text: Arc<str>, place: &Range<usize>) -> Self {
        let line_start = text[..place.start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
        // A line above and one below are shown too.
        let above = text[..line_start].trim_end_matches('\n').rfind('\n').map_or(0, |at| at + 1);
        let next = (line_end + 1).min(text.len());
        let below = text[next..].find('\n').map_or(text.len(), |at| next + at);
        let is_long = [above..line_start, line_start..line_end, line_end..below]
            .iter()
            .any(|line| line.len() > LONGEST);
        let window = is_long.then(|| {
            let start = place.start.saturating_sub(BEFORE).max(line_start);
            let end = (place.start + AFTER).min(line_end);
            let line = text[..line_start].matches('\n').count();
            let column = text[line_start..place.start].chars().count();
            (super::floor(&text, start)..super::floor(&text, end), [line, column])
        });
        Self { name, text, window }
    }

    /// The part of `bytes` that is shown; `None` if none of it is.
    pub(super) fn shown(&self, bytes: Range<usize>) -> Option<Range<usize>> {
        let Some((window, _)) = &self.window else { return Some(bytes) };
        let within = bytes.start.max(window.start)..bytes.end.min(window.end);
        window.contains(&bytes.start).then_some(within)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (data, span, [line, column], lines) = match &self.window {
            Some((window, place)) => {
                let place = if lines_before == 0 { *place } else { [place[0], 0] };
                let span = SourceSpan::new(window.start.into(), window.len());
                (&self.text.as_bytes()[window.clone()], span, place, 1)
            }
            None => {
                let whole = self.text.as_bytes().read_span(span, lines_before, lines_after)?;
                let range = whole.span().offset()..whole.span().offset() + whole.data().len();
                let place = [whole.line(), whole.column()];
                (&self.text.as_bytes()[range], *whole.span(), place, whole.line_count())
            }
        };
        let name = self.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(name, data, span, line, column, lines)))
    }
}
