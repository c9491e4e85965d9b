use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use gobo_dmx::{Delivery, Protocol, Route, Universe};
use proptest::prelude::*;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::*;
use crate::pacing::Repeats;
use crate::{Outputs, Report};

/// How long a test waits for what must come.
const LONG: Duration = Duration::from_secs(20);

/// A message as the API specification has it: label and data. Written apart from the code above.
type Message = (u8, Vec<u8>);

/// Takes whole messages off the front, stepping over what is none.
fn messages(bytes: &mut Vec<u8>) -> Vec<Message> {
    let mut found = Vec::new();
    loop {
        let start = bytes.iter().position(|&byte| byte == 0x7e).unwrap_or(bytes.len());
        bytes.drain(..start);
        let [_, label, low, high, ..] = bytes[..] else { return found };
        let length = usize::from(low) + 256 * usize::from(high);
        if length > 600 {
            bytes.drain(..1);
            continue;
        }
        let Some(&end) = bytes.get(4 + length) else { return found };
        if end == 0xe7 {
            found.push((label, bytes[4..4 + length].to_vec()));
            bytes.drain(..5 + length);
        } else {
            bytes.drain(..1);
        }
    }
}

/// The other end of a line: what a widget would read.
struct Far {
    file: fs::File,
    unread: Vec<u8>,
}

impl Far {
    /// A pseudo-terminal whose near end is linked at `path`.
    fn plug_in(path: &Path) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let _ = fs::remove_file(path);
        symlink(name, path).unwrap();
        rustix::io::ioctl_fionbio(&master, true).unwrap();
        Self { file: master.into(), unread: Vec::new() }
    }

    /// What has come; nothing while nobody has the near end open.
    fn read(&mut self) -> Vec<Message> {
        let mut bytes = [0; 8192];
        while let Ok(count @ 1..) = self.file.read(&mut bytes) {
            self.unread.extend_from_slice(&bytes[..count]);
        }
        messages(&mut self.unread)
    }
}

/// A show that goes on in the background, with a level that a test sets.
struct Show {
    outputs: Outputs,
    level: u8,
}

impl Show {
    fn new(targets: Vec<(Widget, &[usize])>) -> Self {
        let mut outputs = Outputs::default();
        for (widget, indices) in targets {
            let (name, indices) = (widget.place.name("it"), indices.into());
            let pace = (None, Repeats::Always);
            let threaded = Threaded::start(name, "usbpro", indices, pace, Box::new(widget));
            outputs.push(Box::new(threaded.unwrap()));
        }
        Self { outputs, level: 0 }
    }

    /// Sends frames with rising levels until something is as wanted.
    fn until<T>(&mut self, mut wanted: impl FnMut(u8, Report) -> Option<T>) -> T {
        let end = Instant::now() + LONG;
        loop {
            self.level = self.level.wrapping_add(1);
            let frame: Vec<Slots> = (0..2).map(|n| [self.level ^ (n * 0xff); SLOTS]).collect();
            let begun = Instant::now();
            self.outputs.send(begun, &frame);
            let report = self.outputs.reports().next().unwrap().1;
            if let Some(found) = wanted(self.level, report) {
                return found;
            }
            assert!(Instant::now() < end, "it never came: {report:?}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The data of a message of levels.
fn levels(level: u8) -> Vec<u8> {
    [&[0][..], &[level; 512]].concat()
}

fn at(path: &Path) -> Widget {
    let nowhere = Path::new("/nonexistent");
    Widget::new(WidgetPlace::Path(path.into()), nowhere, nowhere, Claims::default().next())
}

proptest! {
    #[test]
    fn messages_are_framed(
        all in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..600)), 0..5)
    ) {
        let mut bytes = Vec::new();
        for (label, data) in &all {
            put_message(*label, &[data], &mut bytes);
        }
        prop_assert_eq!(messages(&mut bytes), all);
        prop_assert!(bytes.is_empty());
    }
}

#[test]
fn levels_arrive_in_messages_of_label_6() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ttyUSB0");
    let mut far = Far::plug_in(&path);
    let mut show = Show::new(vec![(at(&path), &[0])]);
    for _ in 0..20 {
        let message = show.until(|_, _| far.read().pop());
        let level = message.1[1];
        assert_eq!(message, (6, levels(level)));
    }
    // The last look is the last that comes, and it does come.
    show.outputs.finish(&[[77; SLOTS], [0; SLOTS]]);
    assert_eq!(far.read().pop(), Some((6, levels(77))));
}

#[test]
fn a_second_universe_goes_to_the_second_port_of_a_mk2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ttyUSB0");
    let mut far = Far::plug_in(&path);
    let mut show = Show::new(vec![(at(&path), &[0, 1])]);
    let mut all = Vec::new();
    show.until(|_, _| {
        all.extend(far.read());
        (all.len() >= 4).then_some(())
    });
    let first = all[2].1[1];
    let key = (0x0d, vec![0xad, 0x88, 0xd0, 0xc8]);
    assert_eq!(all[..4], [key, (0xcb, vec![1, 1]), (6, levels(first)), (0xa9, levels(!first))]);
}

#[test]
fn a_widget_that_hangs_delays_nobody_and_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["hangs", "works"].map(|name| folder.path().join(name));
    let [mut hanging, mut working] = paths.each_ref().map(|path| Far::plug_in(path));
    let mut show = Show::new(vec![(at(&paths[0]), &[0]), (at(&paths[1]), &[0])]);
    // It reads nothing: the line fills up, and writing to it times out.
    let mut others = 0;
    show.until(|_, report| {
        others += working.read().len();
        report.fault.filter(|fault| fault.failing && others > 5)
    });
    let count = others;
    show.until(|_, _| {
        others += working.read().len();
        (others > count + 20).then_some(())
    });
    let newest = show.until(|level, report| {
        let got = hanging.read().pop()?;
        (report.fault.is_some_and(|fault| !fault.failing)).then_some((got, level))
    });
    // What lay in the line for a while is gone; the newest frames come.
    let ((label, data), level) = newest;
    assert_eq!(label, 6);
    assert!(level.wrapping_sub(data[1]) < 20, "{} came at {level}", data[1]);
}

#[test]
fn a_widget_that_talks_nonsense_is_not_listened_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ttyUSB0");
    let mut far = Far::plug_in(&path);
    let mut show = Show::new(vec![(at(&path), &[0])]);
    let (mut heard, garbage) = (0, [0x7e, 6, 0xff, 0xff, 3, 0xe7, 0xe7, 0x7e].repeat(512));
    show.until(|_, report| {
        // Four kilobytes at a time; what has no room is not said.
        let _ = far.file.write(&garbage);
        heard += far.read().len();
        assert_eq!(report.fault, None);
        (heard > 50).then_some(())
    });
}

#[test]
fn a_widget_that_vanishes_is_taken_up_again_where_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ttyUSB0");
    let far = Far::plug_in(&path);
    let mut show = Show::new(vec![(at(&path), &[0])]);
    show.until(|_, report| (report.packets > 3).then_some(()));
    drop(far);
    fs::remove_file(&path).unwrap();
    let missing = |report: Report| report.fault.filter(|fault| fault.failing);
    let error = show.until(|_, report| {
        missing(report)
            .map(|fault| fault.error())
            .filter(|error| error.kind() == io::ErrorKind::NotFound)
    });
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let mut far = Far::plug_in(&path);
    show.until(|_, _| far.read().pop());
    show.until(|_, report| {
        far.read();
        missing(report).is_none().then_some(())
    });
}

/// Devices as Linux tells of them: name of the line, vendor, product, name, serial number.
fn plug_in(root: &Path, line: &str, ids: (&str, &str), name: &str, serial: &str) {
    let usb = root.join("devices/usb1").join(format!("1-{line}"));
    let device = usb.join("1-1:1.0").join(line);
    fs::create_dir_all(device.join("tty").join(line)).unwrap();
    fs::create_dir_all(root.join("class/tty").join(line)).unwrap();
    symlink(&device, root.join("class/tty").join(line).join("device")).unwrap();
    for (file, text) in
        [("idVendor", ids.0), ("idProduct", ids.1), ("product", name), ("serial", serial)]
    {
        fs::write(usb.join(file), format!("{text}\n")).unwrap();
    }
}

const FTDI: (&str, &str) = ("0403", "6001");

#[test]
fn widgets_are_told_from_other_serial_devices() {
    let folder = tempfile::tempdir().unwrap();
    let (sys, dev) = (folder.path(), Path::new("/dev"));
    assert_eq!(widgets(sys, dev), []);
    fs::create_dir_all(sys.join("class/tty/tty0")).unwrap();
    plug_in(sys, "ttyUSB0", FTDI, "FT232R USB UART", "A1");
    plug_in(sys, "ttyUSB1", FTDI, "DMX USB PRO Mk2", "EN222");
    plug_in(sys, "ttyUSB2", ("1a86", "7523"), "DMX USB PRO", "X");
    plug_in(sys, "ttyUSB3", FTDI, "DMX USB PRO", "EN111");
    plug_in(sys, "ttyUSB4", FTDI, "ultraDMX Micro", "6A");
    let found: Vec<_> =
        widgets(sys, dev).into_iter().map(|found| (found.serial, found.path)).collect();
    let expected = [("6A", "ttyUSB4"), ("EN111", "ttyUSB3"), ("EN222", "ttyUSB1")];
    assert_eq!(found, expected.map(|(serial, line)| (serial.to_owned(), dev.join(line))));
}

#[test]
fn widgets_on_usb_are_found_kept_apart_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let (sys, dev) = (folder.path().join("sys"), folder.path().join("dev"));
    fs::create_dir_all(&dev).unwrap();
    let mut claims = Claims::default();
    let mut on_usb = || Widget::new(WidgetPlace::Usb(None), &sys, &dev, claims.next());
    let mut show = Show::new(vec![(on_usb(), &[0]), (on_usb(), &[1])]);
    let nothing = show.until(|_, report| report.fault);
    assert_eq!(nothing.error().raw_os_error(), Some(rustix::io::Errno::NODEV.raw_os_error()));
    let mut fars = ["ttyUSB0", "ttyUSB1"].map(|line| Far::plug_in(&dev.join(line)));
    plug_in(&sys, "ttyUSB0", FTDI, "DMX USB PRO", "EN2");
    plug_in(&sys, "ttyUSB1", FTDI, "DMX USB PRO", "EN1");
    // Which route has which is settled by who asks first; that they differ is the point.
    let mut routes = [None, None];
    show.until(|level, _| {
        for (route, far) in routes.iter_mut().zip(&mut fars) {
            for (_, data) in far.read() {
                // The second universe's levels are the first's, inverted.
                let near = |other: u8| level.wrapping_sub(other) < 60;
                *route = (near(data[1]) != near(!data[1])).then_some(near(data[1])).or(*route);
            }
        }
        (routes.iter().flatten().count() == 2).then_some(())
    });
    assert_ne!(routes[0], routes[1]);
    // Both vanish, and come back the other way round.
    drop(fars);
    fs::remove_dir_all(sys.join("class")).unwrap();
    fs::remove_dir_all(sys.join("devices")).unwrap();
    show.until(|_, report| report.fault.filter(|fault| fault.failing));
    let mut fars = ["ttyUSB1", "ttyUSB0"].map(|line| Far::plug_in(&dev.join(line)));
    plug_in(&sys, "ttyUSB1", FTDI, "DMX USB PRO", "EN2");
    plug_in(&sys, "ttyUSB0", FTDI, "DMX USB PRO", "EN1");
    let mut again = [None, None];
    show.until(|level, _| {
        for (route, far) in again.iter_mut().zip(&mut fars) {
            for (_, data) in far.read() {
                let near = |other: u8| level.wrapping_sub(other) < 60;
                *route = (near(data[1]) != near(!data[1])).then_some(near(data[1])).or(*route);
            }
        }
        (again.iter().flatten().count() == 2).then_some(())
    });
    assert_eq!(again, routes);
}

#[test]
fn a_device_takes_one_route_and_a_widget_two_universes() {
    let route = |delivery, universes: &str| {
        Route::new(universes.parse().unwrap(), Protocol::UsbPro, delivery)
    };
    let universes = [1, 2, 3].map(|number| Universe::new(number).unwrap());
    let mut options = Options::new(crate::Uuid::nil());
    options.dry_run = true;
    let refused = |routes: &[Route]| match Outputs::open(routes, &universes, &options) {
        Ok(outputs) => {
            assert_eq!(outputs.reports().len(), routes.len());
            String::new()
        }
        Err(error) => error.to_string(),
    };
    let path = |path: &str| Delivery::Device { path: path.into() };
    let twice = [route(path("/dev/ttyUSB0"), "1"), route(path("/dev/ttyUSB0"), "2")];
    assert_eq!(
        refused(&twice),
        "universes 1 and 2 both go to universe 1 of DMX USB PRO at /dev/ttyUSB0"
    );
    let any = || Delivery::Usb { serial: None };
    assert_eq!(refused(&[route(any(), "1"), route(any(), "2-3")]), "");
    assert_eq!(
        refused(&[route(any(), "all")]),
        "DMX USB PRO has 2 outputs: universes 1-3 are more than go there"
    );
    let host = Delivery::Unicast { host: "127.0.0.1".into(), port: 1 };
    assert_eq!(refused(&[route(host, "1")]), "DMX USB PRO has no network host");
}

/// A line that was closed by a hang is not waited for: the thread goes on within moments.
#[test]
fn writing_gives_up_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ttyUSB0");
    let _far = Far::plug_in(&path);
    let (said, heard) = channel();
    thread::spawn(move || {
        let mut widget = at(&path);
        let written = (0..200).map(|_| widget.write(&[[1; SLOTS]])).find_map(Result::err);
        drop(widget);
        let _ = said.send(written.map(|error| error.kind()));
    });
    let written = heard.recv_timeout(LONG).expect("it came to an end");
    assert_eq!(written, Some(io::ErrorKind::TimedOut));
}
