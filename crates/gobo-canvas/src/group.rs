use serde::{Deserialize, Serialize};

/// A group of the venue: some of its heads under a name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct PatchedGroup {
    /// Its name in the venue.
    pub name: String,
    /// The fixtures all of whose heads belong to it: the first and the last index into
    /// [`Header::patch`](crate::Header::patch) of each run, like
    /// [`CueMark::fixtures`](crate::CueMark::fixtures).
    #[serde(default)]
    pub fixtures: Vec<[u32; 2]>,
    /// The fixtures of which only some heads do: an index into the patch, and the first and the
    /// last of a run of [`PatchedFixture::heads`](crate::PatchedFixture::heads).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<[u32; 3]>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Header;

    #[test]
    fn groups_are_short_and_may_be_missing() {
        let group =
            PatchedGroup { name: "pars".into(), fixtures: vec![[0, 3], [7, 7]], heads: vec![] };
        let header = Header { groups: vec![group], ..Header::default() };
        let text = serde_json::to_string(&header).unwrap();
        assert!(text.contains(r#""groups":[{"name":"pars","fixtures":[[0,3],[7,7]]}]"#), "{text}");
        assert_eq!(serde_json::from_str::<Header>(&text).unwrap(), header);
        let without = serde_json::to_string(&Header::default()).unwrap();
        assert!(!without.contains("groups"));
        assert!(serde_json::from_str::<Header>(&without).unwrap().groups.is_empty());
    }
}
