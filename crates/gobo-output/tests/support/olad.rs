//! The Open Lighting Architecture's daemon on a host of the tests' own, as a receiver that shares
//! no code with gobo. Package `ola` of Debian and Ubuntu.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::netns::Host;

/// Every plugin that Debian builds, to be switched off but for those asked for.
const PLUGINS: [&str; 25] = [
    "artnet",
    "dummy",
    "e131",
    "espnet",
    "ftdidmx",
    "gpio",
    "karate",
    "kinet",
    "milinst",
    "nanoleaf",
    "opendmx",
    "openpixelcontrol",
    "osc",
    "pathport",
    "renard",
    "sandnet",
    "shownet",
    "spi",
    "spidmx",
    "spinet",
    "stageprofi",
    "uartdmx",
    "usbdmx",
    "usbpro",
    "usbserial",
];

/// A daemon that runs until it is dropped.
pub struct Olad {
    child: Child,
    _settings: tempfile::TempDir,
}

impl Olad {
    /// Starts it on `host`, whose address is `address`, to hear the E1.31 universes `sacn` and the
    /// Art-Net port addresses `artnet` (below 16), which are its universes of the same numbers.
    /// Says so and gives `None` where it is not installed.
    #[allow(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn start(host: &Host, address: Ipv4Addr, sacn: &[u16], artnet: &[u16]) -> Option<Self> {
        if Command::new("olad").arg("--version").output().is_err() {
            eprintln!("SKIPPED: olad is not installed");
            return None;
        }
        let settings = tempfile::tempdir().unwrap();
        configure(settings.path(), address, sacn, artnet);
        let folder = settings.path().to_owned();
        let child = host.run(move || {
            // It refuses to run as root: as `nobody`.
            let mut olad = Command::new("olad");
            olad.uid(65_534).gid(65_534).stdout(Stdio::null()).stderr(Stdio::null());
            olad.arg("-c").arg(folder).arg("--no-register-with-dns-sd").spawn().unwrap()
        });
        let olad = Self { child, _settings: settings };
        let start = Instant::now();
        let first = sacn.iter().chain(artnet).next().copied().unwrap();
        while olad.levels(host, first).is_none() {
            assert!(start.elapsed() < Duration::from_secs(60), "olad does not answer");
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(olad)
    }

    /// The levels of a universe, as far as it has some; `None` while it does not answer.
    pub fn levels(&self, host: &Host, universe: u16) -> Option<Vec<u8>> {
        let answer = host.run(move || -> std::io::Result<String> {
            let mut http = TcpStream::connect("127.0.0.1:9090")?;
            write!(http, "GET /get_dmx?u={universe} HTTP/1.0\r\n\r\n")?;
            let mut answer = String::new();
            http.read_to_string(&mut answer)?;
            Ok(answer)
        });
        let answer = answer.ok()?;
        let (_, list) = answer.split_once("\"dmx\": [")?;
        let (list, _) = list.split_once(']')?;
        let numbers = list.split(',').map(str::trim).filter(|number| !number.is_empty());
        numbers.map(|number| number.parse().ok()).collect()
    }
}

impl Drop for Olad {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configure(folder: &Path, address: Ipv4Addr, sacn: &[u16], artnet: &[u16]) {
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    let write = |name: &str, text: String| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o666)).unwrap();
    };
    for plugin in PLUGINS {
        let text = match plugin {
            "artnet" => format!(
                "enabled = true\nip = {address}\nnet = 0\nsubnet = 0\noutput_ports = {}\n",
                artnet.len()
            ),
            "e131" => format!(
                "enabled = true\nip = {address}\ninput_ports = {}\noutput_ports = 0\n",
                sacn.len()
            ),
            _ => "enabled = false\n".to_owned(),
        };
        write(&format!("ola-{plugin}.conf"), text);
    }
    let port = |device: u8, universes: &[u16]| -> String {
        let numbered = universes.iter().enumerate();
        numbered.map(|(port, universe)| format!("{device}-1-I-{port} = {universe}\n")).collect()
    };
    write("ola-port.conf", port(2, artnet) + &port(11, sacn));
}
