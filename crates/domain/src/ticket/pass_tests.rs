use proptest::prelude::*;

use super::*;

fn pass() -> Pass {
    Pass {
        exam: 7_301_234_567_890_123_456,
        plan: 3,
        expires: 29_600_040,
        ticket_no: "26030701218".into(),
        seats: groups([(1, 12, 18), (2, 12, 18)]).unwrap(),
        name: "林一舟".into(),
    }
}

const KEY: KeyId = [1, 2, 3, 4];
const SIGNATURE: Signature = [7; 64];

#[test]
fn a_usual_ticket_fits_into_a_qr_of_version_9() {
    let written = text(&pass().body(KEY).unwrap(), &SIGNATURE);
    // ISO/IEC 18004, table 7: 189 characters of the alphanumeric set at error correction Q.
    assert!(written.len() <= 189, "{}", written.len());
    let alphanumeric = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    assert!(written.chars().all(alphanumeric));
    let sealed = read(&written).unwrap();
    assert_eq!(
        (sealed.pass, sealed.key, sealed.signature),
        (pass(), KEY, SIGNATURE)
    );
    assert!(
        sealed
            .message
            .starts_with(b"baokao ticket 1\0\x01\x01\x02\x03\x04")
    );
}

#[test]
fn one_seat_for_all_sessions_is_one_group() {
    let group = |sessions: &[u8], room, seat| Group {
        sessions: sessions.to_vec(),
        room,
        seat,
    };
    assert_eq!(
        groups([(1, 12, 18), (2, 13, 18), (3, 12, 18)]).unwrap(),
        [group(&[1, 3], 12, 18), group(&[2], 13, 18)]
    );
    for (seat, what) in [
        ((256, 1, 1), "a session"),
        ((1, -1, 1), "a room"),
        ((1, 1 << 32, 1), "a room"),
        ((1, 1, 65_536), "a seat"),
    ] {
        assert_eq!(groups([seat]), Err(Unfit(what)));
    }
}

#[test]
fn a_ticket_is_good_for_a_day_after_the_last_paper() {
    let at = |text| Timestamp::parse_local(text).unwrap();
    let minutes = expiry(at("2026-04-12 12:40")).unwrap();
    assert_eq!(i64::from(minutes) * 60, at("2026-04-13 12:40").seconds());
    assert_eq!(
        expiry(Timestamp::from_seconds(-200_000)),
        Err(Unfit("an end"))
    );
}

#[test]
fn a_long_name_is_cut_between_two_characters() {
    let long = Pass {
        name: "𬭊".repeat(20),
        ..pass()
    };
    let sealed = read(&text(&long.body(KEY).unwrap(), &SIGNATURE)).unwrap();
    assert_eq!(sealed.pass.name, "𬭊".repeat(11));
}

#[test]
fn what_does_not_fit_is_named() {
    let no = |ticket_no: &str| Pass {
        ticket_no: ticket_no.into(),
        ..pass()
    };
    for number in [
        "",
        "12345",
        "123456789012345678901",
        "1234567a",
        "１２３４５６",
    ] {
        assert_eq!(
            no(number).body(KEY),
            Err(Unfit("a ticket number")),
            "{number}"
        );
    }
    let seats = |number: i64| Pass {
        seats: groups((0..number).map(|at| (at, at, at))).unwrap(),
        ..pass()
    };
    assert_eq!(seats(0).body(KEY), Err(Unfit("a number of seats")));
    assert!(seats(20).body(KEY).is_ok());
    assert_eq!(seats(60).body(KEY), Err(Unfit("so many seats")));
}

#[test]
fn a_specimen_is_as_large_as_a_ticket_and_good_nowhere() {
    let written = pass().specimen().unwrap();
    assert_eq!(
        written.len(),
        text(&pass().body(KEY).unwrap(), &SIGNATURE).len()
    );
    let sealed = read(&written).unwrap();
    assert_eq!((sealed.pass.exam, sealed.pass.expires), (0, 0));
    assert_eq!((sealed.key, sealed.signature), ([0; 4], [0; 64]));
}

#[test]
fn a_pass_does_not_print_a_person_into_a_log() {
    let sealed = read(&text(&pass().body(KEY).unwrap(), &SIGNATURE)).unwrap();
    // The message holds the name as bytes: nothing of it may be printed either.
    let shown = format!("{:?} {:?}", pass(), sealed);
    assert!(!shown.contains("林一舟") && !shown.contains("26030701218"));
    assert!(!shown.contains("230, 158, 151"), "{shown}");
}

#[test]
fn what_no_ticket_says_is_not_read() {
    let written = text(&pass().body(KEY).unwrap(), &SIGNATURE);
    let bytes = super::base32::decode(&written[3..]).unwrap();
    let again = |change: fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        format!("BK1{}", super::base32::encode(&bytes))
    };
    for other in [
        String::new(),
        "准考证号 26030701218".into(),
        "BK1".into(),
        written.replace("BK1", "BK2"),
        written.to_lowercase(),
        format!("{written}A"),
        format!("{written} "),
        // Another algorithm, a negative exam, a digit beyond nine, no end of an odd number, no seats, no sessions, bytes to spare.
        again(|bytes| bytes[0] = 2),
        again(|bytes| bytes[5] |= 0x80),
        again(|bytes| bytes[20] = 0xa0),
        again(|bytes| bytes[25] = 0x80),
        again(|bytes| bytes[26] = 0),
        again(|bytes| bytes[27] = 0),
        again(|bytes| bytes.insert(40, 0)),
    ] {
        assert_eq!(read(&other), None, "{other}");
    }
}

prop_compose! {
    fn a_pass()(
        exam in 0..=i64::MAX,
        plan: u16,
        expires: u32,
        ticket_no in "[0-9]{6,20}",
        seats in proptest::collection::vec(
            (proptest::collection::vec(any::<u8>(), 1..4), any::<u32>(), any::<u16>()), 1..8),
        name in "\\PC{0,11}",
    ) -> Pass {
        let seats = seats
            .into_iter()
            .map(|(sessions, room, seat)| Group { sessions, room, seat })
            .collect();
        Pass { exam, plan, expires, ticket_no, seats, name }
    }
}

proptest! {
    #[test]
    fn every_pass_reads_back(pass in a_pass(), key: KeyId, half: [u8; 32]) {
        let signature: Signature = [half, half].concat().try_into().unwrap();
        let body = pass.body(key).unwrap();
        let written = text(&body, &signature);
        let sealed = read(&written).unwrap();
        prop_assert_eq!(&sealed.message, &message(&body));
        prop_assert_eq!((&sealed.key, &sealed.signature), (&key, &signature));
        prop_assert_eq!(&sealed.pass, &pass);
        // One content, one text.
        prop_assert_eq!(text(&sealed.pass.body(sealed.key).unwrap(), &sealed.signature), written);
    }

    #[test]
    fn an_altered_text_is_another_content_or_none(
        pass in a_pass(), at: proptest::sample::Index, letter in "[A-Z2-7]",
    ) {
        let mut written = text(&pass.body(KEY).unwrap(), &SIGNATURE);
        let at = PREFIX.len() + at.index(written.len() - PREFIX.len());
        written.replace_range(at..=at, &letter);
        if let Some(sealed) = read(&written) {
            prop_assert_eq!(text(&sealed.pass.body(sealed.key).unwrap(), &sealed.signature), written);
        }
    }

    #[test]
    fn no_text_makes_it_fail(other in "BK1[A-Z2-7]{0,220}|\\PC*") {
        prop_assert!(read(&other).is_none());
    }
}
