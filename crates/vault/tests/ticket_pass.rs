//! The vectors that the door's script is tested with (`tests/unit/door-core.test.mjs`): what is signed here has to read there.
//!
//! `BAOKAO_BLESS=1` writes `crates/domain/fixtures/ticket_pass.json` anew; a text that differs is another format, and tickets that
//! are printed already would no longer be read.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use domain::ticket::pass::{self, Pass, groups};
use serde_json::{Value, json};
use vault::{Keyring, SeededEntropy, TicketKeys};

/// Fits into a number that JavaScript can't hold exactly.
const EXAM: i64 = 7_301_234_567_890_123_457;

fn pass() -> Pass {
    Pass {
        exam: EXAM,
        plan: 3,
        // 2026-04-13 12:40 in Beijing.
        expires: 29_600_920,
        ticket_no: "26030701218".into(),
        seats: groups([(1, 12, 18), (2, 12, 18)]).unwrap(),
        name: "林一舟".into(),
    }
}

fn good(name: &str, keys: &TicketKeys, pass: &Pass) -> Value {
    let text = keys.seal(pass).unwrap();
    let read = keys.open(&text).unwrap();
    let seats: Vec<Value> = read
        .seats
        .iter()
        .map(|group| json!({ "sessions": group.sessions, "room": group.room, "seat": group.seat }))
        .collect();
    json!({
        "name": name,
        "text": text,
        "pass": {
            "exam": read.exam.to_string(),
            "plan": read.plan,
            "expires": read.expires,
            "ticketNo": read.ticket_no,
            "seats": seats,
            "name": read.name,
        },
    })
}

fn vectors() -> Value {
    let mut ring = Keyring::generate(&SeededEntropy::new(20260412));
    let before = ring.ticket_keys();
    ring.rotate(&SeededEntropy::new(20260413));
    let keys = ring.ticket_keys();
    let stranger = Keyring::generate(&SeededEntropy::new(1)).ticket_keys();

    let sealed = pass::read(&keys.seal(&pass()).unwrap()).unwrap();
    let with = |pass: &Pass, key| pass::text(&pass.body(key).unwrap(), &sealed.signature);
    let other_name = Pass {
        name: "王小二".into(),
        ..pass()
    };
    let other_seat = Pass {
        seats: groups([(1, 13, 18)]).unwrap(),
        ..pass()
    };
    let longer = Pass {
        expires: pass().expires + 60 * 24 * 365,
        ..pass()
    };
    let old_key = before.public()[0].0;
    json!({
        "keys": keys.public().iter().map(|(id, key)| [hex(id), hex(key)]).collect::<Vec<_>>(),
        "good": [
            good("usual", &keys, &pass()),
            good("signed before a rotation", &before, &pass()),
            good("other exam", &keys, &Pass { exam: EXAM + 1, ..pass() }),
            good("over", &keys, &Pass { expires: 29_000_000, ..pass() }),
            good("of an older plan", &keys, &Pass { plan: 2, seats: groups([(1, 14, 1), (2, 14, 1)]).unwrap(), ..pass() }),
            good("of a newer plan", &keys, &Pass { plan: 4, ..pass() }),
            good("two seats, a long number, a long name", &keys, &Pass {
                ticket_no: "43012026031207012018".into(),
                seats: groups([(1, 12, 7), (2, 4_000_000_000, 65_535), (3, 12, 7)]).unwrap(),
                name: "欧阳喆䶮旻𬭊㛃买买提·阿卜杜热合曼".into(),
                ..pass()
            }),
            good("even number, no name", &keys, &Pass { ticket_no: "260307".into(), name: String::new(), ..pass() }),
        ],
        "specimen": pass().specimen().unwrap(),
        "stranger": stranger.seal(&pass()).unwrap(),
        "forged": [
            { "name": "another name", "text": with(&other_name, sealed.key) },
            { "name": "another seat", "text": with(&other_seat, sealed.key) },
            { "name": "a later end", "text": with(&longer, sealed.key) },
            { "name": "under another of our keys", "text": with(&pass(), old_key) },
            { "name": "no signature", "text": pass::text(&pass().body(sealed.key).unwrap(), &[0; 64]) },
        ],
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_doors_script_and_we_have_the_same_vectors() {
    // Asked when it runs: what was compiled in may be the path of another clone with the same target folder.
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{root}/../domain/fixtures/ticket_pass.json");
    let found = vectors();
    if std::env::var_os("BAOKAO_BLESS").is_some() {
        let text = serde_json::to_string_pretty(&found).unwrap();
        std::fs::write(&path, format!("{text}\n")).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    // Compared as values: in which order keys are written is a feature that another crate may switch on.
    let known: Value = serde_json::from_str(&known).unwrap_or_default();
    assert!(
        known == found,
        "tickets are signed otherwise than {path} says"
    );
}
