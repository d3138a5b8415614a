//! Each row of the table of natives: its documentation, its parameters, and that a test calls it.

#[test]
fn every_native_is_documented_and_named_once() {
    let mut names = std::collections::HashSet::new();
    for native in crate::natives::TABLE {
        assert!(names.insert(native.name), "{} is there twice", native.name);
        assert!(native.doc.ends_with('.') && native.doc.len() > 10, "{} has a doc line", native.name);
        assert!(native.max.is_none_or(|max| max >= native.min));
    }
}

#[test]
fn the_parameters_of_every_native_say_its_arity() {
    for native in crate::natives::TABLE {
        let (mut least, mut most, mut depth) = (0u8, Some(0u8), 0);
        for (index, word) in native.parameters.split(' ').enumerate().filter(|(_, word)| !word.is_empty()) {
            let outside = depth == 0;
            depth += word.matches('(').count() as i32 - word.matches(')').count() as i32;
            match () {
                () if !outside => {}
                () if word.starts_with("...") => most = None,
                () => {
                    most = most.map(|most| most + 1);
                    assert!(
                        word.starts_with('(') || usize::from(least) == index,
                        "{}: what may be left out is last",
                        native.name
                    );
                    least += u8::from(!word.starts_with('('));
                }
            }
        }
        assert_eq!((least, most), (native.min, native.max), "({} {})", native.name, native.parameters);
    }
}

#[test]
fn every_native_is_tested() {
    let source = concat!(
        include_str!("../tests.rs"),
        include_str!("library.rs"),
        include_str!("outside.rs"),
        include_str!("processes.rs")
    );
    for native in crate::natives::TABLE {
        assert!(source.contains(&format!("({}", native.name)), "{} has a test", native.name);
    }
}
