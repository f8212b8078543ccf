use jpeg_encoder::ColorType;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::samples::{
    SPEC, contains, exif, good, insert, jpeg, lively, pixels, resize_header, with,
};
use super::*;

fn refused(bytes: &[u8]) -> Refusal {
    check(bytes, &SPEC).unwrap_err()
}

/// What is stored must itself be a photo, and decode to about the same pixels as `expected`.
fn looks_like(accepted: &Accepted, expected: &[u8]) {
    let head = header::read(&accepted.jpeg).unwrap();
    assert_eq!((head.width, head.height), (130, 170));
    let stored = decode(&accepted.jpeg, &head, &Limits::DEFAULT, true).unwrap();
    let far: u64 = stored
        .iter()
        .zip(expected)
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    let mean = far as f64 / expected.len() as f64;
    assert!(mean < 6.0, "stored pixels differ by {mean} on average");
}

fn gradient() -> Vec<u8> {
    pixels(130, 170, |x, y| {
        [
            x.to_le_bytes()[0],
            y.to_le_bytes()[0],
            ((x + y) / 2).to_le_bytes()[0],
        ]
    })
}

#[test]
fn a_good_photo_is_taken_and_made_anew() {
    let accepted = check(&good(), &SPEC).unwrap();
    assert_eq!((accepted.width, accepted.height), (130, 170));
    assert!(accepted.jpeg.len() <= SPEC.max_bytes);
    assert!(accepted.hints.is_empty());
    assert!(
        check(&accepted.jpeg, &SPEC).is_ok(),
        "what we store passes our own check"
    );
}

#[test]
fn other_kinds_of_files_are_named() {
    let files: [(&[u8], Kind, &str); 10] = [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Kind::Png, "PNG"),
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", Kind::Heic, "HEIC"),
        (b"\0\0\0\x20ftypavif\0\0\0\0", Kind::Avif, "AVIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Webp, "WEBP"),
        (b"GIF89a\x82\0\xaa\0", Kind::Gif, "GIF"),
        (b"%PDF-1.7\n%\xe2\xe3", Kind::Pdf, "PDF"),
        (b"BM\x36\0\0\0", Kind::Bmp, "BMP"),
        (b"II*\0\x08\0\0\0", Kind::Tiff, "TIFF"),
        (b"PK\x03\x04\x14\0", Kind::Zip, "压缩包"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            Kind::Text,
            "文本或网页",
        ),
    ];
    for (bytes, kind, word) in files {
        assert_eq!(refused(bytes), Refusal::NotJpeg(kind));
        let said = refused(bytes).to_string();
        assert!(said.contains(word) && said.contains("jpg"), "{said}");
    }
    assert_eq!(refused(&[0, 1, 2, 3]), Refusal::NotJpeg(Kind::Other));
    assert_eq!(refused(b""), Refusal::Empty);
}

#[test]
fn another_size_is_refused_with_both_sizes() {
    let file = jpeg(&lively(170, 130), 170, 130, 80);
    assert_eq!(
        refused(&file),
        Refusal::WrongSize {
            wanted: (130, 170),
            actual: (170, 130)
        }
    );
    assert_eq!(
        refused(&file).to_string(),
        "照片要宽 130、高 170 像素，您上传的是宽 170、高 130 像素。请用本页的裁剪功能调整。"
    );
}

#[test]
fn a_heavy_file_is_refused_with_its_weight_and_size() {
    let mut file = jpeg(&lively(400, 600), 400, 600, 95);
    assert!(file.len() > SPEC.max_bytes);
    file.truncate(83 * 1024 + 1);
    let said = refused(&file).to_string();
    assert_eq!(
        said,
        "照片不能超过 50 KB，您上传的是 83.1 KB（400×600 像素）。请用本页的裁剪功能压缩。"
    );
    let mut exactly = good();
    exactly.resize(SPEC.max_bytes, 0);
    assert!(
        check(&exactly, &SPEC).is_ok(),
        "the limit itself is allowed"
    );
    exactly.push(0);
    assert!(
        refused(&exactly).to_string().contains("50.1 KB"),
        "{}",
        refused(&exactly)
    );
}

#[test]
fn a_file_cut_off_anywhere_is_refused() {
    let whole = good();
    let progressive = with(&gradient(), (130, 170), ColorType::Rgb, |e| {
        e.set_progressive(true);
    });
    for file in [whole, progressive] {
        for end in 3..file.len() - 1 {
            let cut = refused(&file[..end]);
            assert!(
                matches!(cut, Refusal::CutOff),
                "at {end} of {}: {cut:?}",
                file.len()
            );
        }
    }
}

#[test]
fn a_cut_that_is_hidden_by_an_end_marker_is_refused_too() {
    let other = |set: fn(&mut jpeg_encoder::Encoder<&mut Vec<u8>>)| {
        with(&lively(130, 170), (130, 170), ColorType::Rgb, set)
    };
    let files = [
        jpeg(&lively(130, 170), 130, 170, 80),
        other(|e| {
            e.set_restart_interval(4);
        }),
        good(),
        // White below: what a decoder makes up may look like the picture.
        jpeg(
            &pixels(130, 170, |_, y| [if y < 20 { 90 } else { 255 }; 3]),
            130,
            170,
            85,
        ),
    ];
    for whole in files {
        assert!(check(&whole, &SPEC).is_ok());
        let scan = whole.windows(2).position(|w| w == [0xff, 0xda]).unwrap() + 14;
        for end in (scan..whole.len() - 60).step_by(97) {
            let mut cut = whole[..end].to_vec();
            cut.extend_from_slice(&[0xff, 0xd9]);
            let refusal = check(&cut, &SPEC).err();
            assert!(
                matches!(refusal, Some(Refusal::CutOff | Refusal::Unreadable)),
                "a part of the picture is missing at {end} of {}: {refusal:?}",
                whole.len()
            );
        }
    }
}

#[test]
fn a_progressive_file_cut_inside_a_scan_is_refused() {
    let whole = with(&lively(130, 170), (130, 170), ColorType::Rgb, |e| {
        e.set_progressive(true);
    });
    assert!(check(&whole, &SPEC).is_ok());
    let scans: Vec<usize> = whole
        .windows(2)
        .enumerate()
        .filter(|(_, w)| *w == [0xff, 0xda])
        .map(|(at, _)| at)
        .collect();
    for scan in scans {
        let data = &whole[scan + 14..];
        let length = data
            .windows(2)
            .position(|w| w[0] == 0xff && w[1] != 0)
            .unwrap();
        let mut cut = whole[..scan + 14 + length / 2].to_vec();
        cut.extend_from_slice(&[0xff, 0xd9]);
        assert!(check(&cut, &SPEC).is_err(), "in the scan at {scan}");
    }
}

#[test]
fn an_end_marker_inside_a_comment_ends_nothing() {
    let whole = jpeg(&lively(130, 170), 130, 170, 80);
    let file = insert(&whole, 0xfe, &[0xff, 0xd9]);
    assert!(check(&file, &SPEC).is_ok());
    assert_eq!(refused(&file[..file.len() - 2]), Refusal::CutOff);
}

#[test]
fn a_huge_header_is_refused_before_anything_is_decoded() {
    for (width, height) in [(65_535, 65_535), (65_535, 1), (1, 65_535)] {
        let file = resize_header(&good(), width, height);
        assert_eq!(
            refused(&file),
            Refusal::WrongSize {
                wanted: (130, 170),
                actual: (width, height)
            }
        );
        // Even a specification that asks for it gets no 12 GB of pixels; and for a strip within the limit, most of the
        // picture is missing.
        let spec = Spec {
            width,
            height,
            ..SPEC
        };
        assert!(check(&file, &spec).is_err());
    }
    assert_eq!(
        refused(&resize_header(&good(), 0, 170)),
        Refusal::Unreadable
    );
}

#[test]
fn the_pixel_limit_holds_whatever_the_specification_says() {
    let limits = Limits {
        pixels: 130 * 170 - 1,
        ..Limits::DEFAULT
    };
    assert_eq!(
        check_within(&good(), &SPEC, &limits),
        Err(Refusal::Unreadable)
    );
    let limits = Limits {
        bytes: 1_000,
        ..Limits::DEFAULT
    };
    assert!(matches!(
        check_within(&good(), &SPEC, &limits),
        Err(Refusal::TooHeavy { most: 1_000, .. })
    ));
}

#[test]
fn metadata_profiles_and_comments_are_gone() {
    let mut file = insert(&good(), 0xe1, &exif(1, true));
    file = insert(&file, 0xe2, b"ICC_PROFILE\0\x01\x01ICCCANARY");
    file = insert(&file, 0xfe, b"COMMENTCANARY");
    assert!(contains(&file, b"GPSCANARY"));
    let stored = check(&file, &SPEC).unwrap().jpeg;
    for canary in [&b"GPSCANARY"[..], b"ICCCANARY", b"COMMENTCANARY", b"Exif"] {
        assert!(!contains(&stored, canary));
    }
}

#[test]
fn what_is_appended_or_hidden_is_gone() {
    let tails: [&[u8]; 3] = [
        b"<?php system($_GET['c']); ?>",
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04\x14\0\0\0\0\0EVILZIP",
    ];
    for tail in tails {
        let mut appended = good();
        appended.extend_from_slice(tail);
        let hidden = insert(&good(), 0xfe, tail);
        for file in [appended, hidden] {
            let stored = check(&file, &SPEC).unwrap().jpeg;
            assert!(!contains(&stored, &tail[..6]));
            assert_eq!(
                stored[stored.len() - 2..],
                [0xff, 0xd9],
                "ends where the picture ends"
            );
        }
    }
}

#[test]
fn grey_progressive_and_subsampled_files_are_taken_with_their_pixels() {
    let grey: Vec<u8> = gradient()
        .chunks_exact(3)
        .map(|p| p[0] / 2 + p[1] / 2)
        .collect();
    let as_rgb: Vec<u8> = grey.iter().flat_map(|g| [*g; 3]).collect();
    let accepted = check(&with(&grey, (130, 170), ColorType::Luma, |_| {}), &SPEC).unwrap();
    looks_like(&accepted, &as_rgb);
    assert!(accepted.hints.contains(&Hint::Grey));

    for progressive in [false, true] {
        for sampling in [
            jpeg_encoder::SamplingFactor::F_1_1,
            jpeg_encoder::SamplingFactor::F_2_2,
        ] {
            let file = with(&gradient(), (130, 170), ColorType::Rgb, |encoder| {
                encoder.set_progressive(progressive);
                encoder.set_sampling_factor(sampling);
                encoder.set_restart_interval(4);
            });
            looks_like(&check(&file, &SPEC).unwrap(), &gradient());
        }
    }
}

#[test]
fn four_colour_files_become_ordinary_ones() {
    // Ink values as printers' files store them, inverted: 255 is no ink.
    let cmyk: Vec<u8> = gradient()
        .chunks_exact(3)
        .flat_map(|p| [p[0], p[1], p[2], 255])
        .collect();
    for kind in [ColorType::Cmyk, ColorType::CmykAsYcck] {
        let accepted = check(&with(&cmyk, (130, 170), kind, |_| {}), &SPEC).unwrap();
        let head = header::read(&accepted.jpeg).unwrap();
        let stored = decode(&accepted.jpeg, &head, &Limits::DEFAULT, true).unwrap();
        assert_eq!(stored.len(), 130 * 170 * 3);
        assert!(check(&accepted.jpeg, &SPEC).is_ok());
    }
}

#[test]
fn a_turned_photo_is_stored_upright() {
    let upright = gradient();
    for (value, (width, height)) in [
        (1, (130, 170)),
        (2, (130, 170)),
        (3, (130, 170)),
        (4, (130, 170)),
        (5, (170, 130)),
        (6, (170, 130)),
        (7, (170, 130)),
        (8, (170, 130)),
    ] {
        let orientation = Orientation::from_exif(value).unwrap();
        // Store the picture so that a viewer, turning it, shows the gradient.
        let back = match orientation {
            Orientation::Clockwise => Orientation::CounterClockwise,
            Orientation::CounterClockwise => Orientation::Clockwise,
            same => same,
        };
        let stored = back.turn(&upright, 130, 170);
        assert_eq!(
            orientation.turn(&stored, width, height),
            upright,
            "{orientation:?}"
        );
        for big in [true, false] {
            let file = insert(&jpeg(&stored, width, height, 92), 0xe1, &exif(value, big));
            looks_like(&check(&file, &SPEC).unwrap(), &upright);
        }
    }
    // A file of the right stored size that viewers show lying down is of the wrong size.
    let lying = insert(&jpeg(&upright, 130, 170, 90), 0xe1, &exif(6, true));
    assert_eq!(
        refused(&lying),
        Refusal::WrongSize {
            wanted: (130, 170),
            actual: (170, 130)
        }
    );
}

#[test]
fn hostile_exif_says_nothing() {
    for cut in 0..exif(6, true).len() {
        let body = &exif(6, true)[..cut];
        assert!(exif::orientation(body).is_none_or(|o| o == Orientation::Clockwise));
    }
    let mut far = exif(6, false);
    far[10..14].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(exif::orientation(&far), None);
    assert_eq!(exif::orientation(&exif(9, true)), None);
}

#[test]
fn a_tight_limit_lowers_the_quality_and_an_impossible_one_says_so() {
    let file = jpeg(&lively(130, 170), 130, 170, 60);
    let loose = check(&file, &SPEC).unwrap().jpeg.len();
    let spec = Spec {
        max_bytes: file.len(),
        ..SPEC
    };
    let tight = check(&file, &spec).unwrap().jpeg.len();
    assert!(tight <= spec.max_bytes && tight < loose, "{tight} {loose}");
    let rgb = lively(130, 170);
    assert_eq!(
        encode(&rgb, (130, 170), 500),
        Err(Refusal::TooDetailed { most: 500 })
    );
}

#[test]
fn hints_tell_the_reviewer_and_never_refuse() {
    let hints = |rgb: Vec<u8>| check(&jpeg(&rgb, 130, 170, 90), &SPEC).unwrap().hints;
    assert_eq!(
        hints(pixels(130, 170, |_, _| [250, 250, 250])),
        [Hint::Blank]
    );
    assert!(hints(gradient()).contains(&Hint::Blurred));
    assert!(hints(lively(130, 170)).contains(&Hint::Background));
    let dark = pixels(130, 170, |x, y| {
        if x > 40 && y > 60 {
            [70, 30, 20]
        } else {
            [8, 8, 12]
        }
    });
    assert!(hints(dark).contains(&Hint::Dark));
    for hint in [
        Hint::Blank,
        Hint::Blurred,
        Hint::Background,
        Hint::Dark,
        Hint::Grey,
    ] {
        assert_eq!(
            serde_json::to_string(&hint).unwrap(),
            format!("\"{}\"", hint.code())
        );
    }
}

#[test]
fn thousands_of_damaged_files_never_panic_and_never_pass_unmade() {
    let seeds = [
        good(),
        jpeg(&lively(130, 170), 130, 170, 70),
        with(&gradient(), (130, 170), ColorType::Rgb, |e| {
            e.set_progressive(true);
        }),
        with(
            &vec![90; 130 * 170 * 4],
            (130, 170),
            ColorType::CmykAsYcck,
            |_| {},
        ),
        insert(&good(), 0xe1, &exif(3, true)),
    ];
    let mut rng = StdRng::seed_from_u64(0x00b4_0ca0);
    let (mut taken, mut turned_away) = (0, 0);
    for round in 0..5_000 {
        let mut file = seeds[round % seeds.len()].clone();
        for _ in 0..rng.random_range(1..8) {
            mutate(&mut file, &mut rng);
        }
        match check(&file, &SPEC) {
            Ok(accepted) => {
                taken += 1;
                assert_ne!(
                    accepted.jpeg, file,
                    "the uploaded bytes themselves are never stored"
                );
                let head = header::read(&accepted.jpeg).unwrap();
                assert_eq!((head.width, head.height), (130, 170));
                assert_eq!(head.end, Some(accepted.jpeg.len() - 2));
            }
            Err(refusal) => {
                turned_away += 1;
                assert!(!refusal.to_string().is_empty());
            }
        }
    }
    assert!(
        taken > 100 && turned_away > 1_000,
        "{taken} taken, {turned_away} refused"
    );
}

fn mutate(file: &mut Vec<u8>, rng: &mut StdRng) {
    let at = rng.random_range(0..file.len());
    // Half of the damage goes where it confuses most: into the headers.
    let at = if rng.random() {
        at % 700.min(file.len())
    } else {
        at
    };
    match rng.random_range(0..6) {
        0 => file[at] = rng.random(),
        1 => file[at] ^= 1 << rng.random_range(0..8),
        2 => file[at] = [0x00, 0xff, 0xd8, 0xd9, 0xda, 0xc0, 0xc4, 0x7f][rng.random_range(0..8)],
        3 => {
            let end = (at + rng.random_range(1..40)).min(file.len());
            file.drain(at..end);
            if file.len() < 4 {
                file.extend_from_slice(&[0xff, 0xd8, 0xff, 0xda]);
            }
        }
        4 => {
            let part: Vec<u8> = file[at..(at + 30).min(file.len())].to_vec();
            file.splice(at..at, part);
        }
        _ => {
            let to = rng.random_range(0..file.len());
            file.swap(at, to);
        }
    }
}
