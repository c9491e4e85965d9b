//! How figures grow with the universes.

use crate::compile::Figures;

/// A figure, in the unit of its name.
type Figure = fn(&Figures) -> f64;

const FIGURES: [(&str, Figure); 6] = [
    ("cold, ms", |figures| figures.cold.as_secs_f64() * 1e3),
    ("filling memory, ms", |figures| figures.fill.as_secs_f64() * 1e3),
    ("unchanged, ms", |figures| figures.unchanged.as_secs_f64() * 1e3),
    ("one cue edited, ms", |figures| figures.edited.as_secs_f64() * 1e3),
    ("peak memory, MB", |figures| figures.peak as f64 / 1e6),
    ("file, MB", |figures| figures.file as f64 / 1e6),
];

/// Prints each figure for one universe, and the exponent of its growth from size to size: 0 stays
/// the same, 1 is in proportion to the universes.
pub(crate) fn report(sizes: &[Figures]) {
    println!("growth: for one universe, and the exponent from the size before");
    print!("{:<34}", "  universes");
    sizes.iter().for_each(|figures| print!("{:>12}      ", figures.size.universes));
    println!();
    for (name, figure) in FIGURES {
        print!("  {name:<32}");
        let mut before: Option<&Figures> = None;
        for figures in sizes {
            let one = figure(figures) / f64::from(figures.size.universes);
            let exponent = before.map(|before| {
                let larger = f64::from(figures.size.universes) / f64::from(before.size.universes);
                format!("^{:.2}", (figure(figures) / figure(before)).log(larger))
            });
            print!("{one:>12.2}{:>6}", exponent.unwrap_or_default());
            before = Some(figures);
        }
        println!();
    }
}
