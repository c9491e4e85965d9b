//! The one declaration that a type of node is made of: its parameters, its ports, its row in the
//! reference.

/// What goes through a port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize)]
pub enum PortType {
    /// Numbers over time, for one or for each head, in one or several channels.
    Signal,
    /// A sound.
    Audio,
    /// The song's beats.
    BeatGrid,
    /// Heads.
    Selection,
}

impl PortType {
    /// One of it, in a message.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Signal => "a signal",
            Self::Audio => "a sound",
            Self::BeatGrid => "beats",
            Self::Selection => "a selection",
        }
    }

    /// Its name in the reference.
    pub fn name(self) -> &'static str {
        match self {
            Self::Signal => "signal",
            Self::Audio => "audio",
            Self::BeatGrid => "beat grid",
            Self::Selection => "selection",
        }
    }
}

/// A port that something goes into.
#[derive(Clone, Copy, Debug)]
pub struct Input {
    /// Its name.
    pub name: &'static str,
    /// What goes through it.
    pub kind: PortType,
    /// Whether the node does nothing without it.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
}

/// A port that something comes out of.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// What goes through it.
    pub kind: PortType,
    /// What it means.
    pub doc: &'static str,
}

/// The ports of a type of node.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name: `typeId`.
    pub name: &'static str,
    /// What goes in, in the order of a resolved node's inputs.
    pub inputs: &'static [Input],
    /// What comes out.
    pub outputs: &'static [Output],
}

/// Declares every type of node.
macro_rules! nodes {
    ($( $family:literal $name:literal $variant:ident($record:ident) $doc:literal
        $( in $input:literal $in_kind:ident $need:ident $in_doc:literal; )*
        $( out $output:literal $out_kind:ident $out_doc:literal; )*
        $example:literal
    )*) => {
        /// What a node does, with its parameters.
        #[derive(Clone, PartialEq, Debug, serde::Serialize)]
        pub enum Operation { $( #[doc = $doc] $variant($record) ),* }

        /// The name of every type of node.
        pub(crate) const NAMES: &[&str] = &[$($name),*];

        impl Operation {
            /// Reads the parameters of a node of the type `name`.
            pub(crate) fn decode(
                name: &str,
                at: &$crate::decode::At<'_>,
                decoder: &mut $crate::decode::Decoder,
            ) -> Option<Self> {
                match name {
                    $( $name => {
                        <$record as $crate::decode::Decode>::decode(at, decoder).map(Self::$variant)
                    } )*
                    _ => None,
                }
            }

            /// Its ports.
            pub fn shape(&self) -> $crate::graph::Shape {
                match self {
                    $( Self::$variant(_) => $crate::graph::Shape {
                        name: $name,
                        inputs: &[$( $crate::graph::Input {
                            name: $input,
                            kind: $crate::graph::PortType::$in_kind,
                            required: nodes!(@$need),
                            doc: $in_doc,
                        } ),*],
                        outputs: &[$( $crate::graph::Output {
                            name: $output,
                            kind: $crate::graph::PortType::$out_kind,
                            doc: $out_doc,
                        } ),*],
                    } ),*
                }
            }
        }

        /// The keys of the parameters of the type `name`.
        pub(super) fn keys(name: &str) -> &'static [&'static str] {
            match name {
                $( $name => $record::KEYS, )*
                _ => &[],
            }
        }

        /// The row of every type of node.
        pub(crate) fn rows() -> Vec<$crate::reference::Row> {
            use $crate::graph::PortType;
            vec![$(
                $crate::reference::Row::new($crate::reference::Kind::Node, $family, $name, $doc)
                    .inputs(&[$( ($input, PortType::$in_kind.name(), $in_doc) ),*])
                    .outputs(&[$( ($output, PortType::$out_kind.name(), $out_doc) ),*])
                    .parameters($record::fields())
                    .example($example)
            ),*]
        }

        /// The schema of the parameters of each type, by its name.
        pub(super) fn schemas(
            definitions: &mut $crate::decode::Definitions,
        ) -> Vec<(&'static str, serde_json::Value)> {
            vec![$( ($name, <$record as $crate::decode::Decode>::schema(definitions)) ),*]
        }
    };
    (@needed) => { true };
    (@optional) => { false };
}
pub(super) use nodes;
