//! The wire format of protocol buffers, as far as the messages of the format use it.

use crate::format::varint;

/// The value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire type 1 or 5, which these messages do not use.
    Fixed,
}

/// The bytes are not a message, or a message with groups, which the format does not use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoMessage;

/// The fields of a message in order; ends after the first failure.
pub(crate) fn fields(message: &[u8]) -> impl Iterator<Item = Result<(u64, Value<'_>), NoMessage>> {
    let mut rest = message;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let field = next_field(&mut rest).ok_or(NoMessage);
        if field.is_err() {
            rest = &[];
        }
        Some(field)
    })
}

fn next_field<'a>(rest: &mut &'a [u8]) -> Option<(u64, Value<'a>)> {
    let tag = next_varint(rest)?;
    let value = match tag & 7 {
        0 => Value::Varint(next_varint(rest)?),
        1 => take(rest, 8).map(|_| Value::Fixed)?,
        2 => {
            let size = next_varint(rest)?;
            Value::Bytes(take(rest, size)?)
        }
        5 => take(rest, 4).map(|_| Value::Fixed)?,
        _ => return None,
    };
    Some((tag >> 3, value)).filter(|&(number, _)| number > 0)
}

fn next_varint(rest: &mut &[u8]) -> Option<u64> {
    let (value, len) = varint::read(rest)?;
    *rest = &rest[len..];
    Some(value)
}

fn take<'a>(rest: &mut &'a [u8], size: u64) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(usize::try_from(size).ok()?)?;
    *rest = after;
    Some(taken)
}

/// Appends a field of wire type 0.
pub(crate) fn write_varint(number: u64, value: u64, out: &mut Vec<u8>) {
    varint::write(number << 3, out);
    varint::write(value, out);
}

/// Appends a field of wire type 2.
pub(crate) fn write_bytes(number: u64, value: &[u8], out: &mut Vec<u8>) {
    varint::write(number << 3 | 2, out);
    varint::write(value.len() as u64, out);
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        let mut message = Vec::new();
        write_varint(1, 300, &mut message);
        write_bytes(17, b"abc", &mut message);
        message.extend([0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x1d, 1, 2, 3, 4]);
        let found: Result<Vec<_>, _> = fields(&message).collect();
        let expected = [
            (1, Value::Varint(300)),
            (17, Value::Bytes(b"abc")),
            (3, Value::Fixed),
            (3, Value::Fixed),
        ];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        // Truncated, field 0, groups, a length past the end.
        for bytes in [
            &[0x08][..],
            &[0, 0],
            &[0x0b, 0x0c],
            &[0x12, 5, 1],
            &[0x09, 1],
            &[0xff],
        ] {
            assert!(fields(bytes).any(|field| field.is_err()), "{bytes:?}");
        }
    }
}
