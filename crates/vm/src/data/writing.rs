//! New texts and bytes that are written from front to back; long ones piece by piece.

use super::{bytes, text};
use crate::heap::{Heap, is_large};
use crate::task::{Piece, Stage, Task};
use crate::trap::{Request, Trap};
use crate::value::{Ref, Value};

/// Octets that a writer handles at a time, about: what is not longer is written at once.
pub(crate) const OCTETS: usize = 1 << 14;

/// Room that is made first where nobody knows how much will be written.
const FIRST_ROOM: usize = 1 << 16;

/// What is written to.
pub(crate) trait Buffer: Default + Send + 'static {
    /// What it holds.
    fn octets(&self) -> &[u8];

    /// Makes it empty.
    fn clear(&mut self);

    /// What it held, when it is needed no more.
    fn into_octets(self) -> Vec<u8>;

    /// Whether there may be so many octets.
    ///
    /// # Errors
    /// `:limit-error` if not.
    fn check(octets: usize) -> Result<(), Trap>;

    /// The value that it is.
    fn make(self, heap: &mut Heap) -> Result<Value, Trap>;

    /// The value that a blob with such octets is, of so many code points.
    fn of_blob(heap: &mut Heap, blob: Ref, len: usize, chars: usize) -> Result<Value, Trap>;
}

impl Buffer for String {
    fn octets(&self) -> &[u8] {
        self.as_bytes()
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn into_octets(self) -> Vec<u8> {
        self.into_bytes()
    }

    fn check(octets: usize) -> Result<(), Trap> {
        text::check(octets)
    }

    fn make(self, heap: &mut Heap) -> Result<Value, Trap> {
        text::take(heap, self)
    }

    fn of_blob(heap: &mut Heap, blob: Ref, len: usize, chars: usize) -> Result<Value, Trap> {
        text::of_blob(heap, blob, len, chars)
    }
}

impl Buffer for Vec<u8> {
    fn octets(&self) -> &[u8] {
        self
    }

    fn clear(&mut self) {
        self.clear();
    }

    fn into_octets(self) -> Vec<u8> {
        self
    }

    fn check(octets: usize) -> Result<(), Trap> {
        bytes::check(octets)
    }

    fn make(self, heap: &mut Heap) -> Result<Value, Trap> {
        bytes::take(heap, self)
    }

    fn of_blob(heap: &mut Heap, blob: Ref, len: usize, _: usize) -> Result<Value, Trap> {
        if is_large(len) {
            return Ok(Value::heap(blob));
        }
        let octets = heap.octets(blob).to_vec();
        bytes::take(heap, octets)
    }
}

/// Octets that are UTF-8 as a whole, though a piece may end within a code point.
#[derive(Default)]
pub(crate) struct Utf8(Vec<u8>);

impl Utf8 {
    /// What is written to.
    pub(crate) fn octets_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Buffer for Utf8 {
    fn octets(&self) -> &[u8] {
        &self.0
    }

    fn clear(&mut self) {
        self.0.clear();
    }

    fn into_octets(self) -> Vec<u8> {
        self.0
    }

    fn check(octets: usize) -> Result<(), Trap> {
        text::check(octets)
    }

    fn make(self, heap: &mut Heap) -> Result<Value, Trap> {
        text::from_utf8(heap, &self.0, text::count(&self.0))
    }

    fn of_blob(heap: &mut Heap, blob: Ref, len: usize, chars: usize) -> Result<Value, Trap> {
        text::of_blob(heap, blob, len, chars)
    }
}

/// What writes a text, or bytes.
pub(crate) trait Writer: Send + 'static {
    /// What it writes to.
    type Out: Buffer;

    /// Appends what comes next, after `before` octets that are no longer in the buffer, and says whether that was the last.
    /// It handles about [`OCTETS`], and spends what that takes. What has no memory is tried again. `held` is what was given
    /// for a collection to keep.
    fn write(&mut self, heap: &mut Heap, held: &mut [Value], out: &mut Self::Out, before: usize) -> Result<bool, Trap>;

    /// What is to be done where a class has to be asked, which the native was the first to see after a while.
    fn instead(&self, _: &Heap, trap: Trap, _: &[Value]) -> Trap {
        trap
    }
}

/// Where what is written goes.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Into a new value; with the octets that there will be, if that is known.
    Value(Option<usize>),
    /// Into a new text with room for so many octets, to which others may be appended.
    Growing(usize),
    /// Behind the octets of this blob, which are a text of so many code points, and which gets room for so many octets.
    Behind(Ref, usize, usize),
    /// To the standard output.
    Output,
}

/// Writes a text or bytes: what is short at once.
///
/// # Errors
/// What the writer says; no memory; long work; the request to write to the standard output.
pub(crate) fn write<W: Writer>(
    heap: &mut Heap,
    held: &mut [Value],
    mut writer: W,
    target: Target,
) -> Result<Value, Trap> {
    let mut out = W::Out::default();
    if matches!(target, Target::Value(_) | Target::Output) && writer.write(heap, held, &mut out, 0)? {
        return match target {
            Target::Output => Err(Trap::request(Request::Write(out.into_octets()))),
            _ => out.make(heap),
        };
    }
    let (blob, chars) = match target {
        Target::Behind(blob, chars, _) => (Value::heap(blob), chars),
        _ => (Value::NULL, 0),
    };
    let held = [&[blob], &*held].concat();
    Err(Trap::long(Writing { writer, target, held, out, chars, done: false, piece: None }))
}

/// A long text, or bytes, that is being written.
struct Writing<W: Writer> {
    writer: W,
    target: Target,
    /// The blob, once there is one, and what the writer needs.
    held: Vec<Value>,
    /// What was written since the last was moved into the blob.
    out: W::Out,
    /// The code points before it.
    chars: usize,
    done: bool,
    /// The piece that a collection interrupted.
    piece: Option<Piece>,
}

impl<W: Writer> Writing<W> {
    fn blob(&self) -> Option<Ref> {
        self.held[0].as_heap()
    }

    /// Octets that are in the blob.
    fn before(&self, heap: &Heap) -> usize {
        self.blob().map_or(0, |blob| heap.octets(blob).len())
    }

    /// Moves what was written into the blob.
    fn store(&mut self, heap: &mut Heap) -> Result<(), Trap> {
        let (room, grows) = match self.target {
            Target::Output => return Ok(()),
            Target::Value(room) => (room.unwrap_or(FIRST_ROOM), false),
            Target::Growing(room) | Target::Behind(.., room) => (room, true),
        };
        let octets = self.out.octets();
        let blob = match self.blob() {
            Some(blob) => blob,
            None => {
                let blob = heap.alloc_blob_unpaid(room.max(octets.len()), grows)?;
                self.held[0] = Value::heap(blob);
                blob
            }
        };
        if heap.blob_room(blob) < room {
            heap.grow_blob_unpaid(blob, room)?;
        }
        let len = heap.octets(blob).len() + octets.len();
        W::Out::check(len)?;
        if len > heap.blob_room(blob) {
            // A quarter more, if there is so much, else what there must be.
            if heap.grow_blob_unpaid(blob, len + len / 4).is_err() {
                heap.grow_blob_unpaid(blob, len)?;
            }
        }
        self.chars += text::count(octets);
        heap.extend_blob(blob, |_, blob| blob.extend_from_slice(octets));
        self.out.clear();
        Ok(())
    }

    fn end(&mut self, heap: &mut Heap) -> Result<Value, Trap> {
        let Some(blob) = self.blob() else {
            return Err(Trap::request(Request::Write(std::mem::take(&mut self.out).into_octets())));
        };
        if matches!(self.target, Target::Value(_)) {
            heap.shrink_blob(blob);
        }
        let len = heap.octets(blob).len();
        W::Out::of_blob(heap, blob, len, self.chars)
    }
}

impl<W: Writer> Task for Writing<W> {
    fn step(&mut self, heap: &mut Heap) -> Result<Stage, Trap> {
        let piece = *self.piece.get_or_insert_with(|| Piece::begin(heap));
        loop {
            self.store(heap)?;
            if self.done {
                return self.end(heap).map(Stage::Done);
            }
            let before = self.before(heap);
            let written = self.writer.write(heap, &mut self.held[1..], &mut self.out, before);
            self.done = written.map_err(|trap| self.writer.instead(heap, trap, &self.held[1..]))?;
            if piece.is_done(heap) {
                self.piece = None;
                return Ok(Stage::More);
            }
            if heap.is_full() {
                return Ok(Stage::Full);
            }
        }
    }

    fn holds(&self) -> &[Value] {
        &self.held
    }
}
