//! ISO 7064 MOD 11-2 as GB 11643-1999 uses it.

/// The check character of seventeen digits; `None` if they aren't seventeen digits.
pub fn check_digit(digits: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const RESULTS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    if digits.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in digits.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    RESULTS.get(usize::try_from(sum % 11).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::check_digit;

    #[test]
    fn the_standard_s_examples_hold() {
        assert_eq!(check_digit("11010519491231002"), Some('X'));
        assert_eq!(check_digit("43100019900101001"), Some('9'));
        assert_eq!(check_digit("81000019940823002"), Some('1'));
        assert_eq!(check_digit("1101051949123100"), None);
        assert_eq!(check_digit("1101051949123100X"), None);
    }

    proptest! {
        /// What the algorithm is for: one wrong digit or two swapped neighbours are always found.
        #[test]
        fn one_slip_is_always_found(digits in "[0-9]{17}", place in 0usize..17, other in 0u8..10) {
            let check = check_digit(&digits);
            let mut wrong = digits.clone().into_bytes();
            prop_assume!(wrong[place] != b'0' + other);
            wrong[place] = b'0' + other;
            prop_assert_ne!(check, check_digit(std::str::from_utf8(&wrong).unwrap()));
            let mut swapped = digits.into_bytes();
            if place < 16 && swapped[place] != swapped[place + 1] {
                swapped.swap(place, place + 1);
                prop_assert_ne!(check, check_digit(std::str::from_utf8(&swapped).unwrap()));
            }
        }
    }
}
