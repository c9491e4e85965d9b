//! About how emitters look on a screen (sRGB): by these colours a patch tells of them.

const COLORS: [(&str, [u8; 3]); 13] = [
    ("red", [255, 0, 0]),
    ("green", [0, 255, 0]),
    ("blue", [0, 0, 255]),
    ("cyan", [0, 255, 255]),
    ("magenta", [255, 0, 255]),
    ("yellow", [255, 255, 0]),
    ("amber", [255, 176, 0]),
    ("white", [255, 255, 255]),
    ("warm_white", [255, 217, 168]),
    ("cold_white", [219, 233, 255]),
    ("uv", [96, 0, 255]),
    ("lime", [190, 255, 0]),
    ("indigo", [64, 0, 255]),
];

/// The colour (sRGB) of an emitter named as looks name it: `warm_white`.
pub fn emitter_color(name: &str) -> Option<[u8; 3]> {
    COLORS.iter().find(|(known, _)| *known == name).map(|&(_, color)| color)
}

/// The name of the emitter, or the flag, of a colour in a patch.
pub fn emitter_name(color: [u8; 3]) -> Option<&'static str> {
    COLORS.iter().find(|(_, known)| *known == color).map(|&(name, _)| name)
}
