//! The spoken captcha: the same characters, one after the other, with pauses long enough to type in.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::wav::{self, RATE};

macro_rules! clips {
    ($($c:literal),+ $(,)?) => {
        fn clip(c: char) -> Option<&'static [u8]> {
            Some(match c {
                $($c => include_bytes!(concat!("../../voice/", $c, ".wav")),)+
                _ => return None,
            })
        }
    };
}
clips!(
    '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'F', 'H', 'K', 'L', 'P', 'U', 'W', 'X', 'Y'
);

/// The text as one WAV clip of about six seconds, said twice. Pitch, pauses and a low hiss differ by seed.
pub fn speech(text: &str, seed: [u8; 32]) -> Vec<u8> {
    let mut rng = StdRng::from_seed(seed);
    let mut sound = Vec::with_capacity(usize::try_from(RATE).unwrap_or_default() * 8);
    silence(&mut sound, 0.3);
    for round in 0..2 {
        if round == 1 {
            silence(&mut sound, 1.2);
        }
        for c in text.chars() {
            let clip = clip(c).map(wav::samples).unwrap_or_default();
            sound.extend(resample(&clip, rng.random_range(0.94..1.07)));
            silence(&mut sound, rng.random_range(0.55..0.75));
        }
    }
    for sample in &mut sound {
        *sample = sample.saturating_add(rng.random_range(-160..=160));
    }
    wav::write(&sound)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a few seconds of sound fit a float"
)]
fn silence(sound: &mut Vec<i16>, seconds: f32) {
    let samples = (seconds * RATE as f32) as usize;
    sound.resize(sound.len() + samples, 0);
}

/// The clip faster and higher (`speed` above 1) or slower and lower, between neighbours along a straight line.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a clip has fewer samples than a float has exact integers"
)]
fn resample(clip: &[i16], speed: f32) -> Vec<i16> {
    let length = (clip.len() as f32 / speed) as usize;
    let at = |index: usize| clip.get(index).copied().map_or(0.0, f32::from);
    (0..length)
        .map(|n| n as f32 * speed)
        .map(|place| {
            let (index, rest) = (place as usize, place.fract());
            (at(index) * (1.0 - rest) + at(index + 1) * rest) as i16
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captcha::ALPHABET;

    /// Stretches of sound, by loudness over 20 ms.
    fn spoken(wav: &[u8]) -> usize {
        let samples: Vec<_> = wav[44..]
            .chunks_exact(2)
            .map(|b| i16::from_le_bytes([b[0], b[1]]))
            .collect();
        let loud: Vec<_> = samples
            .chunks(220)
            .map(|part| {
                part.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 220.0 > 400.0 * 400.0
            })
            .collect();
        // A new stretch begins after at least 400 ms of quiet; a breath inside "X" or "H" is shorter.
        let (mut count, mut quiet) = (0, 99);
        for is_loud in loud {
            if is_loud {
                count += usize::from(quiet >= 20);
                quiet = 0;
            } else {
                quiet += 1;
            }
        }
        count
    }

    #[test]
    fn every_character_has_a_clip_of_speech() {
        for c in ALPHABET.chars() {
            let samples = wav::samples(clip(c).unwrap());
            let seconds = samples.len() as f64 / f64::from(RATE);
            assert!((0.3..1.0).contains(&seconds), "{c}: {seconds} s");
            let loudest = samples.iter().map(|s| i32::from(*s).abs()).max().unwrap();
            assert!(loudest > 8_000, "{c}: {loudest}");
        }
    }

    #[test]
    fn four_characters_said_twice_are_eight_words() {
        for seed in 0..12 {
            let wav = speech("A2K9", [seed; 32]);
            assert_eq!(spoken(&wav), 8, "seed {seed}");
        }
    }

    #[test]
    fn the_header_states_what_follows() {
        let wav = speech("7777", [3; 32]);
        assert_eq!(&wav[..4], b"RIFF");
        assert_eq!(
            u32::from_le_bytes(wav[40..44].try_into().unwrap()) as usize,
            wav.len() - 44
        );
        assert_eq!(
            u32::from_le_bytes(wav[4..8].try_into().unwrap()) as usize,
            wav.len() - 8
        );
        assert!(wav.len() < 300 * 1024);
    }

    #[test]
    fn the_seed_changes_the_sound_and_nothing_foreign_is_said() {
        assert_ne!(speech("A2K9", [1; 32]), speech("A2K9", [2; 32]));
        assert_eq!(spoken(&speech("验OO", [1; 32])), 0);
    }
}
