//! A link of a verification.

use std::{borrow::Cow, fmt};

use serde::Serialize;

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It holds.
    Holds,
    /// It does not.
    Broken,
    /// It could not be looked at.
    Unchecked,
}

/// A link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Its name; that of the n-th accused ends with `n`.
    pub name: Cow<'static, str>,
    /// What became of it.
    pub state: State,
    /// What was found.
    pub said: String,
}

impl Link {
    /// A link that was looked at elsewhere.
    #[must_use]
    pub fn new(name: String, state: State, said: String) -> Self {
        link(name, state, said)
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.state {
            State::Holds => "ok  ",
            State::Broken => "FAIL",
            State::Unchecked => "--  ",
        };
        write!(f, "{word}  {:14} {}", self.name, self.said)
    }
}

fn link(name: impl Into<Cow<'static, str>>, state: State, said: impl Into<String>) -> Link {
    Link {
        name: name.into(),
        state,
        said: said.into(),
    }
}

pub(super) fn holds(name: impl Into<Cow<'static, str>>, said: impl Into<String>) -> Link {
    link(name, State::Holds, said)
}

pub(super) fn broken(name: impl Into<Cow<'static, str>>, said: impl Into<String>) -> Link {
    link(name, State::Broken, said)
}

pub(super) fn unchecked(name: impl Into<Cow<'static, str>>, said: impl Into<String>) -> Link {
    link(name, State::Unchecked, said)
}
