//! What processes ask of the world, answered by the host: standard input and output, files.
//!
//! An open file belongs to one process, which alone may use it, and is closed when that process ends.

use crate::host::{Host, ReadError, read_bytes, read_line, read_text};
use crate::permissions::Denied;
use iridium_runtime::Scheduler;
use iridium_vm::{ErrorKind, Parcel, Part, Request, Response};
use std::collections::HashMap;
use std::io::{self, BufRead, Write};

/// Files that a program may have open at once.
pub const MAX_OPEN_FILES: usize = 1_024;

enum Port {
    Reader(Box<dyn BufRead + Send>),
    Writer(Box<dyn Write + Send>),
}

/// An open file.
struct File {
    /// The process that it belongs to.
    owner: u64,
    port: Port,
}

/// What the processes of a program have open.
#[derive(Default)]
pub(crate) struct World {
    files: HashMap<u64, File>,
    last: u64,
}

impl World {
    /// Closes all files.
    pub(crate) fn close_all(&mut self) {
        self.files.clear();
    }

    /// Closes the files of processes that have ended.
    pub(crate) fn close_of(&mut self, scheduler: &Scheduler) {
        let ended = scheduler.ended();
        if !ended.is_empty() {
            self.files.retain(|_, file| !ended.contains(&file.owner));
        }
    }

    /// Answers what a process asks. What is read has at most `limit` octets.
    pub(crate) fn answer(
        &mut self,
        pid: u64,
        request: Request,
        host: &mut dyn Host,
        scheduler: &Scheduler,
        limit: u64,
    ) -> Response {
        match request {
            Request::Write(bytes) => match host.output().write_all(&bytes) {
                Ok(()) => Response::Done,
                Err(error) => failed("standard output", &error),
            },
            Request::Report(text) => {
                host.report(&text);
                Response::Done
            }
            Request::ReadLine => line("standard input", read_line(host.input(), limit)),
            Request::ReadFile(path) => match host.open(&path) {
                Ok(mut file) => match read_text(&mut *file, limit) {
                    Ok(text) => Response::Text(text),
                    Err(error) => unreadable(&path, error),
                },
                Err(error) => failed(&path, &error),
            },
            Request::ReadBytes(path) => match host.open(&path) {
                Ok(mut file) => match read_bytes(&mut *file, limit) {
                    Ok(bytes) => Response::Bytes(bytes),
                    Err(error) => unreadable(&path, error),
                },
                Err(error) => failed(&path, &error),
            },
            Request::File(request) => match host.file(&request) {
                Ok(answer) => Response::File(answer),
                Err(error) => failed(request.path(), &error),
            },
            Request::OpenLines(path) => self.open(pid, &path, scheduler, || host.open(&path).map(Port::Reader)),
            Request::OpenWriter(path, append) => {
                self.open(pid, &path, scheduler, || host.create(&path, append).map(Port::Writer))
            }
            Request::NextLine(port) => {
                let answer = match self.of(pid, port) {
                    Ok(Some(Port::Reader(file))) => line("a line of a file", read_line(&mut **file, limit)),
                    Ok(Some(Port::Writer(_))) => unusable("it is open for writing"),
                    // What was read to its end is closed.
                    Ok(None) => Response::Done,
                    Err(others) => others,
                };
                if answer == Response::Done {
                    self.files.remove(&port);
                }
                answer
            }
            Request::WritePort(port, bytes) => match self.of(pid, port) {
                Ok(Some(Port::Writer(file))) => match file.write_all(&bytes) {
                    Ok(()) => Response::Done,
                    Err(error) => failed("this file", &error),
                },
                Ok(Some(Port::Reader(_))) => unusable("it is open for reading"),
                Ok(None) => unusable("it is closed"),
                Err(others) => others,
            },
            Request::Close(port) => match self.of(pid, port) {
                Ok(open) => {
                    let flushed = match open {
                        Some(Port::Writer(file)) => file.flush(),
                        _ => Ok(()),
                    };
                    self.files.remove(&port);
                    flushed.map_or_else(|error| failed("this file", &error), |()| Response::Done)
                }
                Err(others) => others,
            },
            Request::Give(port, to) => match self.of(pid, port) {
                Ok(None) => unusable("it is closed"),
                Ok(Some(_)) if !scheduler.watch_end(to) => {
                    let message = format!("<pid {to}> has ended, so it cannot be given a file");
                    Response::Failed(ErrorKind::Value, message)
                }
                Ok(Some(_)) => {
                    self.files.entry(port).and_modify(|file| file.owner = to);
                    Response::Parcel(Parcel::of(Part::Bool(true)))
                }
                Err(others) => others,
            },
            Request::Arguments => Response::Texts(host.arguments()),
            // They need no host.
            Request::Host(_) | Request::Process(_) | Request::Receive { .. } => Response::Done,
        }
    }

    /// The open file of this number, if the process may use it.
    fn of(&mut self, pid: u64, port: u64) -> Result<Option<&mut Port>, Response> {
        match self.files.get_mut(&port) {
            Some(file) if file.owner != pid => {
                Err(unusable(&format!("it belongs to <pid {}>, and `(give port pid)` there hands it over", file.owner)))
            }
            file => Ok(file.map(|file| &mut file.port)),
        }
    }

    fn open(
        &mut self,
        owner: u64,
        path: &str,
        scheduler: &Scheduler,
        open: impl FnOnce() -> io::Result<Port>,
    ) -> Response {
        if self.files.len() >= MAX_OPEN_FILES {
            let message =
                format!("{path}: a program may have {MAX_OPEN_FILES} files open at once; `File.close` closes one");
            return Response::Failed(ErrorKind::Limit, message);
        }
        match open() {
            Ok(port) => {
                self.last += 1;
                self.files.insert(self.last, File { owner, port });
                scheduler.watch_end(owner);
                Response::Port(self.last)
            }
            Err(error) => failed(path, &error),
        }
    }
}

/// Why an open file cannot be used.
fn unusable(why: &str) -> Response {
    failed("this file", &io::Error::other(why))
}

fn line(what: &str, read: Result<Option<String>, ReadError>) -> Response {
    match read {
        Ok(Some(line)) => Response::Text(line),
        Ok(None) => Response::Done,
        Err(error) => unreadable(what, error),
    }
}

fn unreadable(what: &str, error: ReadError) -> Response {
    match error {
        ReadError::TooLong => {
            Response::Failed(ErrorKind::Limit, format!("{what} is longer than the heap limit; `--max-heap` sets it"))
        }
        ReadError::NotText => Response::Failed(ErrorKind::Value, format!("{what} is not UTF-8 text")),
        ReadError::Io(error) => failed(what, &error),
    }
}

fn failed(what: &str, error: &io::Error) -> Response {
    if let Some(denied) = Denied::of(error) {
        return Response::Failed(ErrorKind::Permission, denied.to_string());
    }
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "this is a folder".to_owned(),
        _ => error.to_string(),
    };
    Response::Failed(ErrorKind::Io, format!("{what}: {reason}"))
}
