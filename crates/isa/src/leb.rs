//! Unsigned LEB128 of at most 32 bits, in its shortest form only: each number has one way to be written.

/// Why octets are no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LebError {
    /// They end before the number does.
    Truncated,
    /// The number has more than 32 bits, or could be written shorter.
    NotShortest,
}

/// Appends a number.
pub fn write(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads the number at `at`, which then is the offset behind it.
///
/// # Errors
/// When the octets there are no number.
pub fn read(octets: &[u8], at: &mut usize) -> Result<u32, LebError> {
    let mut value = 0u32;
    for shift in (0..35).step_by(7) {
        let octet = *octets.get(*at).ok_or(LebError::Truncated)?;
        *at += 1;
        let bits = u32::from(octet & 0x7f);
        let too_long = shift == 28 && bits > 0xf;
        let not_shortest = shift > 0 && octet == 0;
        if too_long || not_shortest {
            return Err(LebError::NotShortest);
        }
        value |= bits << shift;
        if octet < 0x80 {
            return Ok(value);
        }
    }
    Err(LebError::NotShortest)
}
