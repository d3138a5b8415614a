//! Frames: calls that are not finished, and what their value is for.

use crate::trap::Then;

/// A call that is not finished.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The caller.
    pub(crate) function: u32,
    /// Where the caller goes on: a word of register code, or an offset into portable code.
    pub(crate) pc: u32,
    /// How far the callee's registers are above the caller's.
    pub(crate) delta: u32,
    /// Bit 0: the callee was replaced by tail calls since. The rest: [`After`].
    flags: u32,
}

const TAIL_CALLED: u32 = 1;

/// What a call's value is for, beyond being stored where the function stood. Packed like a frame's flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct After(u32);

/// What [`After`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) then: Then,
    pub(crate) place: Place,
}

/// Where the value of an operation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where the function stood: the stack engine's operand.
    Window,
    /// A register.
    Register(u8),
    /// It decides the test before the return address: whether the `JMP` word there is executed.
    Test(bool),
}

impl After {
    /// The value is stored where the function stood.
    pub(crate) const NOTHING: After = After(0);

    /// For an operation of a class.
    pub(crate) fn operation(then: Then, place: Place) -> After {
        let place = match place {
            Place::Window => 1,
            Place::Register(register) => 2 | u32::from(register) << 16,
            Place::Test(expected) => 3 | u32::from(expected) << 16,
        };
        After(place << 1 | (then as u32) << 8)
    }

    /// What it says; `None` if nothing.
    pub(crate) fn purpose(self) -> Option<Purpose> {
        let low = self.0 >> 1;
        let place = match low & 3 {
            0 => return None,
            1 => Place::Window,
            2 => Place::Register((low >> 16) as u8),
            _ => Place::Test(low >> 16 & 1 != 0),
        };
        let then = match self.0 >> 8 & 0xff {
            0 => Then::Value,
            1 => Then::Truth,
            2 => Then::NotTruth,
            3 => Then::Iterate,
            4 => Then::Next,
            _ => Then::NextPair,
        };
        Some(Purpose { then, place })
    }
}

impl Frame {
    /// A frame whose value is just stored.
    #[inline(always)]
    pub(crate) fn new(function: u32, pc: u32, delta: u32) -> Frame {
        Frame { function, pc, delta, flags: 0 }
    }

    /// A frame whose value is for something.
    pub(crate) fn with(function: u32, pc: u32, delta: u32, after: After) -> Frame {
        Frame { function, pc, delta, flags: after.0 }
    }

    /// Whether the value is just stored.
    #[inline(always)]
    pub(crate) fn is_plain(&self) -> bool {
        self.flags & !TAIL_CALLED == 0
    }

    /// What the value is for.
    pub(crate) fn after(&self) -> After {
        After(self.flags & !TAIL_CALLED)
    }

    /// The same frame with its value for something else.
    pub(crate) fn with_after(self, after: After) -> Frame {
        Frame { flags: self.flags & TAIL_CALLED | after.0, ..self }
    }

    /// Notes that the callee was replaced by a tail call.
    #[inline(always)]
    pub(crate) fn set_tail_called(&mut self) {
        self.flags |= TAIL_CALLED;
    }

    /// Whether the callee was replaced by tail calls.
    pub(crate) fn tail_called(&self) -> bool {
        self.flags & TAIL_CALLED != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back() {
        assert_eq!(After::NOTHING.purpose(), None);
        for then in [Then::Value, Then::Truth, Then::NotTruth, Then::Iterate, Then::Next, Then::NextPair] {
            for place in
                [Place::Window, Place::Register(0), Place::Register(255), Place::Test(true), Place::Test(false)]
            {
                let after = After::operation(then, place);
                assert_eq!(after.purpose(), Some(Purpose { then, place }));
                let mut frame = Frame::with(1, 2, 3, after);
                assert!(!frame.is_plain() && !frame.tail_called());
                frame.set_tail_called();
                assert_eq!((frame.after(), frame.tail_called()), (after, true));
            }
        }
        let mut frame = Frame::new(1, 2, 3);
        frame.set_tail_called();
        assert!(frame.is_plain());
    }
}
