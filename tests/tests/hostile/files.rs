//! Damaged module files: cut off anywhere, any bit flipped, with a checksum that is right for them or not.

use crate::trial::{Trials, in_parallel};
use iridium::Engine;
use iridium_tests::specimens::{Specimen, repair, specimens};

/// All truncations and flips of a file. Repaired, it says the length and checksum of what it now holds.
fn damage(trials: &mut Trials, name: &str, file: &[u8], repaired: bool) {
    for length in 0..file.len() {
        let mut cut = file[..length].to_vec();
        if repaired {
            repair(&mut cut);
        }
        trials.file(&cut, &|| format!("{name}, cut to {length} octets, repaired: {repaired}"));
    }
    for bit in 0..file.len() * 8 {
        // A repair would undo these.
        if repaired && (64..128).contains(&bit) {
            continue;
        }
        let mut flipped = file.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if repaired {
            repair(&mut flipped);
        }
        trials
            .file(&flipped, &|| format!("{name}, bit {} of octet {} flipped, repaired: {repaired}", bit % 8, bit / 8));
    }
}

fn all() -> Vec<Specimen> {
    specimens(&Engine::default())
}

#[test]
fn a_file_that_is_damaged_anywhere_is_refused_by_its_checksum() {
    let tally = in_parallel(&all(), |trials, specimen| damage(trials, &specimen.name, &specimen.stripped, false));
    tally.show("files cut off or with a bit flipped");
    assert_eq!(tally.total("ran ") + tally.total("rule ") + tally.total("link"), 0);
}

#[test]
fn a_damaged_file_with_the_right_checksum_is_refused_or_runs_within_limits() {
    let all = all();
    let tally = in_parallel(&all, |trials, specimen| damage(trials, &specimen.name, &specimen.stripped, true));
    tally.show("files cut off or with a bit flipped, checksum recomputed");
    assert!(tally.total("file ") > 10_000 && tally.total("rule ") > 10_000 && tally.total("ran ") > 10_000);
}

#[test]
fn damaged_debug_tables_are_refused_or_harmless() {
    let all: Vec<Specimen> = all().into_iter().filter(|specimen| specimen.name.starts_with("finally")).collect();
    assert_eq!(all.len(), 2);
    let tally = in_parallel(&all, |trials, specimen| damage(trials, &specimen.name, &specimen.whole, true));
    tally.show("files with debug tables cut off or with a bit flipped, checksum recomputed");
    assert!(tally.total("rule BadDebugTable") > 0);
}

#[test]
fn specimens_run_undamaged() {
    let mut trials = Trials::new();
    for specimen in specimens(trials.engine()) {
        trials.file(&specimen.whole, &|| specimen.name.clone());
    }
    assert_eq!(trials.tally.total("ran to a value"), 40);
}
