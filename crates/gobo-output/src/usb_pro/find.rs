//! Widgets among the USB serial devices, as Linux tells of them in `/sys`. Other systems have
//! no such folder: there a widget is named by its path.

use std::fs;
use std::path::{Path, PathBuf};

/// FTDI, and its serial chip that widgets are built around.
const VENDOR: &str = "0403";
const PRODUCT: &str = "6001";

/// What widgets of this protocol call themselves: Enttec's, DMXking's and DMXIS. An Open DMX has
/// the same chip and no such name.
const NAMES: [&str; 3] = ["DMX USB PRO", "ULTRADMX", "DMXIS"];

/// A widget that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Found {
    /// Its serial number; empty when it has none.
    pub(super) serial: String,
    /// Its device.
    pub(super) path: PathBuf,
}

/// All widgets that are there, by serial number.
pub(super) fn widgets(sys: &Path, dev: &Path) -> Vec<Found> {
    let lines = fs::read_dir(sys.join("class/tty")).into_iter().flatten().flatten();
    let mut found: Vec<Found> = lines
        .filter_map(|line| {
            let serial = widget(&line.path().join("device"))?;
            Some(Found { serial, path: dev.join(line.file_name()) })
        })
        .collect();
    found.sort();
    found
}

/// The serial number, if the device is a widget.
fn widget(device: &Path) -> Option<String> {
    let device = fs::canonicalize(device).ok()?;
    // The line belongs to an interface, and that to the USB device that has a vendor.
    let usb = device.ancestors().find(|folder| folder.join("idVendor").is_file())?;
    let read = |name| {
        let text = fs::read_to_string(usb.join(name)).ok()?;
        Some(text.trim().to_owned())
    };
    let (vendor, product, name) = (read("idVendor")?, read("idProduct")?, read("product")?);
    let name = name.to_uppercase();
    let known = NAMES.iter().any(|known| name.contains(known));
    (vendor == VENDOR && product == PRODUCT && known).then(|| read("serial").unwrap_or_default())
}
