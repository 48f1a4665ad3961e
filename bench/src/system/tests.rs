//! Descriptions that are refused, and why.

use super::*;

const GOOD: &str = "[system]\nname = \"x\"\nbits = 32\nembed = [\"run\", \"{in}\", \"{out}\", \"{payload}\"]\n\
    detect = [\"run\", \"{in}\"]\n";

fn loaded(text: &str) -> Result<System, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("system.toml");
    std::fs::write(&file, text).expect("a file");
    let (system, read) = System::load(&file).map_err(|error| {
        let error: &dyn std::error::Error = &error;
        let chain = std::iter::successors(Some(error), |error| error.source());
        chain
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(": ")
    })?;
    assert_eq!(read, text);
    Ok(system)
}

#[test]
fn a_description_has_its_defaults() -> Result<(), String> {
    let system = loaded(GOOD)?;
    assert_eq!(system.digits(), 8);
    assert!(!system.keys && !system.reference && !system.register && !system.delivers);
    let traced = loaded(&format!(
        "{GOOD}trace = [\"run\", \"{{in}}\", \"{{state}}\"]\n"
    ))?;
    assert!(system.trace.is_none() && traced.trace.is_some());
    Ok(())
}

#[test]
fn what_is_wrong_is_said() {
    for (from, to, part) in [
        (
            "\"{out}\", ",
            "",
            "the command embed of the system x: the command lacks {out}",
        ),
        ("{payload}", "{pay}", "unknown place"),
        (
            "bits = 32",
            "bits = 0",
            "bits of the system x is outside 1 to 4096: 0",
        ),
        ("\"x\"", "\"Countermark\"", "not that of the built-in one"),
        ("\"x\"", "\" \"", "the name of a system"),
        (
            "bits = 32",
            "bits = 32\nseconds = 0.0",
            "seconds of the system x",
        ),
        ("bits = 32", "bits = 32\nspeed = 1", "unknown field `speed`"),
        ("[system]", "[sistem]", "unknown field `sistem`"),
    ] {
        let error = loaded(&GOOD.replace(from, to)).err().unwrap_or_default();
        assert!(error.contains(part), "{part}: {error}");
    }
}
