//! Amounts in words (大写金额), as a receipt needs them.

use domain::money::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const UNITS: [&str; 4] = ["", "拾", "佰", "仟"];
const GROUPS: [&str; 4] = ["", "万", "亿", "兆"];

/// `壹佰贰拾元整`, `壹佰元零伍分`: the way of the Ministry of Finance's rules for accounting vouchers.
pub fn capital(amount: Fen) -> String {
    let fen = amount.get().unsigned_abs();
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut out = String::new();
    if amount.get() < 0 {
        out.push('负');
    }
    if yuan > 0 || (jiao == 0 && fen == 0) {
        out.push_str(&whole(yuan));
        out.push('元');
    }
    let digit = |number: u64| {
        usize::try_from(number)
            .ok()
            .and_then(|at| DIGITS.get(at))
            .copied()
    };
    match (jiao, fen) {
        (0, 0) => out.push('整'),
        (jiao, fen) => {
            if jiao > 0 {
                out.extend(digit(jiao));
                out.push('角');
            } else if yuan > 0 {
                out.push('零');
            }
            if fen > 0 {
                out.extend(digit(fen));
                out.push('分');
            } else {
                out.push('整');
            }
        }
    }
    out
}

fn whole(number: u64) -> String {
    if number == 0 {
        return "零".to_owned();
    }
    let digits: Vec<usize> = number
        .to_string()
        .bytes()
        .map(|byte| usize::from(byte.saturating_sub(b'0')))
        .collect();
    let mut out = String::new();
    let mut pending = false;
    let mut group_used = false;
    for (at, digit) in digits.iter().copied().enumerate() {
        let place = digits.len() - 1 - at;
        if digit == 0 {
            pending = true;
        } else {
            if pending && !out.is_empty() {
                out.push('零');
            }
            pending = false;
            group_used = true;
            out.extend(DIGITS.get(digit));
            out.push_str(UNITS.get(place % 4).copied().unwrap_or_default());
        }
        if place.is_multiple_of(4) {
            if group_used {
                out.push_str(GROUPS.get(place / 4).copied().unwrap_or_default());
            }
            group_used = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_on_a_voucher() {
        for (fen, words) in [
            (0, "零元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (10_000, "壹佰元整"),
            (10_005, "壹佰元零伍分"),
            (12_050, "壹佰贰拾元伍角整"),
            (100_700, "壹仟零柒元整"),
            (1_000_000, "壹万元整"),
            (1_000_500_000, "壹仟万零伍仟元整"),
            (10_010_000_000, "壹亿零壹拾万元整"),
            (-10_000, "负壹佰元整"),
        ] {
            assert_eq!(capital(Fen::new(fen)), words, "{fen}");
        }
    }
}
