use gobo_serve::live::{Folder, Seen};
use gobo_serve::mqtt::{Ignored, MqttEvent};

use crate::mosquitto::{Mosquitto, eventually};
use crate::server::{COMMAND, DEVICE, OFFLINE, ONLINE, STATE, Server, command, is_red};

#[test]
fn a_command_in_is_a_retained_state_out() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let server = Server::start(&mosquitto.config());
    server.connects();
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    mosquitto.publish(COMMAND, &command(1, 200));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 200));
    mosquitto.publish(COMMAND, &command(2, 100));
    mosquitto.publish(COMMAND, &command(1, 200));
    server.answers(3);
    mosquitto.eventually_retains(STATE, |text| is_red(text, 100));
}

#[test]
fn the_last_will_is_told_when_the_server_dies_and_taken_back_when_it_returns() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let mut server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    server.die();
    mosquitto.eventually_retains(DEVICE, |text| text == OFFLINE);
    let _again = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
}

#[test]
fn who_takes_leave_says_so() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    server.broker.stop();
    eventually("it leaves", || !server.broker.status().connected);
    mosquitto.eventually_retains(DEVICE, |text| text == OFFLINE);
    assert_eq!(server.losses(), 0, "leaving is no loss");
}

#[test]
fn a_broker_that_is_killed_and_comes_back_has_all_again() {
    let Some(mut mosquitto) = Mosquitto::start() else { return };
    let server = Server::start(&mosquitto.config());
    server.connects();
    let before = server.broker.status();
    assert_eq!(before.last_error, None);
    mosquitto.publish(COMMAND, &command(1, 50));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 50));
    for round in 1..=2_u8 {
        mosquitto.kill();
        eventually("the loss is told", || !server.broker.status().connected);
        let lost = server.broker.status();
        assert!(lost.last_error.is_some() && lost.since_ms >= before.since_ms);
        // It has no memory: what it has then, it was told anew.
        mosquitto.begin();
        server.connects();
        mosquitto.eventually_retains(STATE, |text| is_red(text, 49 + round));
        mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
        mosquitto.publish(COMMAND, &command(1 + u64::from(round), 50 + round));
        mosquitto.eventually_retains(STATE, |text| is_red(text, 50 + round));
    }
}

#[test]
fn a_broker_that_falls_silent_is_noticed() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let mut config = mosquitto.config();
    config.keep_alive_s = 1;
    let server = Server::start(&config);
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    mosquitto.signal("-STOP");
    eventually("it is noticed", || !server.broker.status().connected);
    mosquitto.signal("-CONT");
    server.connects();
    mosquitto.publish(COMMAND, &command(1, 8));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 8));
}

#[test]
fn a_broker_that_is_not_there_yet_is_waited_for() {
    let Some(mut mosquitto) = Mosquitto::start() else { return };
    mosquitto.kill();
    let server = Server::start(&mosquitto.config());
    eventually("it tries again", || server.losses() >= 2);
    assert!(!server.broker.status().connected);
    mosquitto.begin();
    server.connects();
}

#[test]
fn what_was_sent_meanwhile_is_done() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let mut server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    server.die();
    mosquitto.publish(COMMAND, &command(1, 1));
    mosquitto.publish(COMMAND, &command(2, 2));
    let server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(STATE, |text| is_red(text, 2));
    assert!(server.reds().contains(&1));
    assert!(server.events().contains(&MqttEvent::Connected { session: true }));
}

#[test]
fn a_command_that_was_not_answered_comes_again_and_one_that_was_is_done_once() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let open =
        || Folder::open(folder.path(), Seen::new(900, 4096), Box::new(|_| {})).expect("a folder");
    let mut server = Server::idle(&mosquitto.config(), 10_000);
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    mosquitto.publish(COMMAND, &command(1, 1));
    eventually("it is queued", || server.queue.depth() == 1);
    server.die();
    let mut server = Server::idle(&mosquitto.config(), 10_000);
    let (restored, shelf) = open();
    server.work(restored, Box::new(shelf));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 1));
    mosquitto.publish(COMMAND, &command(2, 2));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 2));
    server.die();
    let mut server = Server::idle(&mosquitto.config(), 10_000);
    let (restored, shelf) = open();
    assert_eq!(restored.colour.seq, 2);
    server.work(restored, Box::new(shelf));
    server.connects();
    mosquitto.publish(COMMAND, &command(1, 1));
    server.answers(1);
    assert_eq!(server.reds().into_iter().collect::<Vec<_>>(), [2], "done once");
}

#[test]
fn what_is_no_command_is_told_and_hurts_nobody() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    // Retained before anybody listens, so that it comes as such.
    mosquitto.publish_as(COMMAND, &command(9, 9), &["-q", "1", "-r"]);
    let server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    for nonsense in ["", "{", "[[[[", r#"{"schema":"demo.rgb.cmd.v1","r":256}"#, "\u{0}\u{7f}"] {
        mosquitto.publish(COMMAND, nonsense);
    }
    mosquitto.publish(COMMAND, &command(1, 200));
    mosquitto.eventually_retains(STATE, |text| is_red(text, 200));
    let events = server.events();
    let malformed = events.iter().filter(|event| matches!(event, MqttEvent::Malformed { .. }));
    assert_eq!(malformed.count(), 5);
    assert!(events.contains(&MqttEvent::Ignored { why: Ignored::Retained }));
    drop(events);
    assert!(!server.reds().contains(&9), "a retained command is not done");
    assert_eq!(server.losses(), 0);
}

/// Also if the broker keeps it and says it again to whoever comes.
#[test]
fn a_message_too_large_is_left_alone() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    mosquitto.publish_as(COMMAND, &"x".repeat(1_000_000), &["-q", "1", "-r"]);
    let server = Server::start(&mosquitto.config());
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    mosquitto.publish(COMMAND, &"x".repeat(1_000_000));
    eventually("it listens all the same", || {
        mosquitto.publish(COMMAND, &command(1, 200));
        server.reds().contains(&200)
    });
    assert_eq!(server.losses(), 0);
}

/// Nobody works, the queue has room for one, and the silence allowed is one second: the
/// connection lives on, and all commands are done in the end.
#[test]
fn commands_that_wait_for_room_do_not_cost_the_connection() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let mut config = mosquitto.config();
    config.keep_alive_s = 1;
    let mut server = Server::idle(&config, 1);
    mosquitto.eventually_retains(DEVICE, |text| text == ONLINE);
    let lines: String = (1..=100).map(|number| command(number, number as u8) + "\n").collect();
    mosquitto.publish_lines(COMMAND, &lines);
    eventually("the queue is full", || server.queue.depth() == 1);
    // Mosquitto gives up after one and a half of the silence allowed.
    std::thread::sleep(std::time::Duration::from_secs(4));
    assert!(server.broker.status().connected);
    let restored = gobo_serve::live::Restored::nothing(Seen::new(900, 4096));
    server.work(restored, Box::new(gobo_serve::live::NoShelf));
    server.answers(100);
    assert_eq!(server.reds().len(), 101, "and the dark one of the start");
    assert_eq!(server.losses(), 0);
    mosquitto.eventually_retains(STATE, |text| is_red(text, 100));
}

#[test]
fn topics_and_names_are_as_configured() {
    let Some(mosquitto) = Mosquitto::start() else { return };
    let mut config = mosquitto.config();
    (config.prefix, config.device) = ("hall/2".to_owned(), "desk".to_owned());
    let _server = Server::start(&config);
    mosquitto.eventually_retains("hall/2/devices/desk/state", |text| text == ONLINE);
    mosquitto.publish("hall/2/demo/rgb/cmd", &command(1, 3));
    mosquitto.eventually_retains("hall/2/demo/rgb/state", |text| is_red(text, 3));
}
