//! The decimal digits of small ints, without a division for each.

/// The decimal digits of an int in ASCII and how many bytes they are, with the sign; the first lowest. `None` if they are
/// more than [`SHORT`].
#[inline]
pub(crate) fn decimal(int: i64) -> Option<(u128, usize)> {
    /// What eight digits can count.
    const EIGHT: u64 = 100_000_000;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    // Without the zeros before the first digit, but for the last one.
    let trimmed = |digits: u64| {
        let skipped = (digits | 1 << 56).trailing_zeros() / 8;
        (u128::from((digits | ZEROS) >> (skipped * 8)), 8 - skipped as usize)
    };
    let size = int.unsigned_abs();
    let (mut bits, mut len) = if size < EIGHT {
        trimmed(eight_digits(size))
    } else if size < EIGHT * 10_000_000 {
        let (bits, len) = trimmed(eight_digits(size / EIGHT));
        (bits | u128::from(eight_digits(size % EIGHT) | ZEROS) << (len * 8), len + 8)
    } else {
        return None;
    };
    if int < 0 {
        bits = bits << 8 | u128::from(b'-');
        len += 1;
    }
    Some((bits, len))
}

/// The digits of a number below 10^8, one to a byte, the first lowest: halves, then quarters, then eighths of the word
/// are divided side by side. The multiplications are divisions by 100 and by 10, exact for numbers of that size.
#[inline(always)]
fn eight_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - tens * 10) << 8
}

#[cfg(test)]
mod tests {
    use super::eight_digits;
    use crate::data::text::{self, SHORT};
    use crate::heap::Heap;
    use crate::node::Node;

    #[test]
    fn ints_have_their_digits() {
        let mut heap = Heap::new(Node::new(), 1 << 26);
        let mut ints = vec![0, 7, 10, i64::MAX, i64::MIN];
        for power in 1..=18 {
            let power = 10i64.pow(power);
            ints.extend([power - 1, power, power + 1, power / 7, power / 9 * 8]);
        }
        for int in ints.iter().flat_map(|&int| [int, int.wrapping_neg()]) {
            match text::of_int(&mut heap, int) {
                Some(text) => assert_eq!(text::view(&heap, text.unwrap()).unwrap().as_str(), int.to_string()),
                None => assert!(int.to_string().len() > SHORT - 1, "{int}"),
            }
        }
        for number in (0..100_000_000).step_by(9973).chain(0..10_000).chain(99_990_000..100_000_000) {
            assert_eq!(
                eight_digits(number) | 0x3030_3030_3030_3030,
                u64::from_le_bytes(format!("{number:08}").into_bytes().try_into().unwrap())
            );
        }
    }
}
