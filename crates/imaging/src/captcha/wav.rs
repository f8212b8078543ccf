//! Just enough of the WAV format: µ-law clips in, 16-bit clips out.

/// Samples a second of all clips.
pub(super) const RATE: u32 = 11_025;

/// The samples of one of our µ-law clips; empty if it isn't one.
pub(super) fn samples(wav: &[u8]) -> Vec<i16> {
    let header = wav.get(..46).unwrap_or_default();
    let mulaw = header.get(20..22) == Some(&7u16.to_le_bytes());
    let rate = header.get(24..28) == Some(&RATE.to_le_bytes());
    if !(mulaw && rate && header.get(38..42) == Some(b"data")) {
        return Vec::new();
    }
    wav.get(46..)
        .unwrap_or_default()
        .iter()
        .map(|byte| expand(*byte))
        .collect()
}

/// G.711 µ-law to linear.
fn expand(byte: u8) -> i16 {
    let byte = !byte;
    let exponent = (byte >> 4) & 7;
    let mantissa = i16::from(byte & 0x0f);
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    if byte & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// A mono 16-bit WAV.
pub(super) fn write(samples: &[i16]) -> Vec<u8> {
    let data = u32::try_from(samples.len() * 2).unwrap_or(u32::MAX - 36);
    let mut wav = Vec::with_capacity(44 + samples.len() * 2);
    wav.extend_from_slice(b"RIFF");
    wav.extend_from_slice(&(36 + data).to_le_bytes());
    wav.extend_from_slice(b"WAVEfmt ");
    wav.extend_from_slice(&16u32.to_le_bytes());
    for half in [1u16, 1] {
        wav.extend_from_slice(&half.to_le_bytes()); // PCM, mono
    }
    wav.extend_from_slice(&RATE.to_le_bytes());
    wav.extend_from_slice(&(RATE * 2).to_le_bytes());
    for half in [2u16, 16] {
        wav.extend_from_slice(&half.to_le_bytes()); // bytes a frame, bits a sample
    }
    wav.extend_from_slice(b"data");
    wav.extend_from_slice(&data.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mulaw_known_answers() {
        // G.711: silence, the loudest of either sign, and one in between.
        assert_eq!(
            [0xff, 0x7f, 0x80, 0x00, 0xf0].map(expand),
            [0, 0, 32_124, -32_124, 120]
        );
    }

    #[test]
    fn a_foreign_clip_gives_no_samples() {
        assert!(samples(b"").is_empty());
        assert!(samples(&[0; 200]).is_empty());
        assert!(
            samples(&write(&[1, 2, 3])).is_empty(),
            "PCM is not what the folder holds"
        );
    }
}
