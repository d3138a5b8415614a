//! The options that say what a program may do in the world.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use iridium::{FileLoader, Permissions};
use std::path::{Path, PathBuf};

/// What an option without a value stands for. No argument can be that: none holds this character.
const ALL: &str = "\0";

/// Where help shows them.
const HEADING: &str = "Permissions";

/// Options of every command that runs code.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Sandbox {
    /// Let the program do nothing in the world but what the options below allow, each of which implies this one
    #[arg(long, help_heading = HEADING)]
    sandbox: bool,
    /// Let it read all files, or these (a comma divides several); of a folder, what is below it
    #[arg(long, help_heading = HEADING, value_name = "PATH", require_equals = true, num_args = 0..=1, default_missing_value = ALL,
          value_delimiter = ',')]
    allow_read: Vec<PathBuf>,
    /// Let it write, make and delete all files, or these; of a folder, what is below it
    #[arg(long, help_heading = HEADING, value_name = "PATH", require_equals = true, num_args = 0..=1, default_missing_value = ALL,
          value_delimiter = ',')]
    allow_write: Vec<PathBuf>,
    /// Let it use the network; nothing in this version needs it
    #[arg(long, help_heading = HEADING, value_name = "HOST:PORT", require_equals = true, num_args = 0..=1, default_missing_value = ALL,
          value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    allow_net: Vec<String>,
    /// Let it read environment variables; nothing in this version needs it
    #[arg(long, help_heading = HEADING, value_name = "NAME", require_equals = true, num_args = 0..=1, default_missing_value = ALL,
          value_delimiter = ',', value_parser = NonEmptyStringValueParser::new())]
    allow_env: Vec<String>,
    /// Let it start other programs; nothing in this version needs it
    #[arg(long, help_heading = HEADING)]
    allow_run: bool,
}

impl Sandbox {
    /// Whether anything is taken away.
    fn is_on(&self) -> bool {
        let Sandbox { sandbox, allow_read, allow_write, allow_net, allow_env, allow_run } = self;
        *sandbox
            || *allow_run
            || !(allow_read.is_empty() && allow_write.is_empty() && allow_net.is_empty() && allow_env.is_empty())
    }

    /// What the program may do when it runs: without a sandbox, what its user may.
    pub(crate) fn permissions(&self) -> Permissions {
        if !self.is_on() {
            return Permissions::all();
        }
        let is_all = |path: &PathBuf| path.as_os_str() == ALL;
        let permissions = self.allow_read.iter().fold(Permissions::none(), |permissions, path| {
            if is_all(path) { permissions.allow_read() } else { permissions.allow_read_of(path) }
        });
        self.allow_write.iter().fold(permissions, |permissions, path| {
            if is_all(path) { permissions.allow_write() } else { permissions.allow_write_of(path) }
        })
    }

    /// What finds imports. The files below the folder of the main file are part of the program; others it must be allowed
    /// to read.
    pub(crate) fn loader(&self, main: Option<&Path>) -> FileLoader {
        let folder = main.filter(|main| main.as_os_str() != "-").and_then(Path::parent);
        let permissions = self.permissions();
        FileLoader::guarded_by(match folder {
            Some(folder) => permissions.allow_read_of(folder),
            None => permissions,
        })
    }
}
