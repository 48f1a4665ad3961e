//! How values are declared: once, with unit and doc, for the struct, its default, its table and its setter.

use super::entry::{Entry, TuningError};

/// A number that a table can hold.
pub(crate) trait Knob: Copy {
    /// As a table shows it.
    fn get(self) -> f64;

    /// The nearest number of its kind; none outside of its range.
    fn put(value: f64) -> Option<Self>;
}

impl Knob for f64 {
    fn get(self) -> f64 {
        self
    }

    fn put(value: f64) -> Option<Self> {
        value.is_finite().then_some(value)
    }
}

impl Knob for f32 {
    fn get(self) -> f64 {
        self.into()
    }

    fn put(value: f64) -> Option<Self> {
        let near = value as Self;
        near.is_finite().then_some(near)
    }
}

macro_rules! whole {
    ($($kind:ty),+) => {$(
        impl Knob for $kind {
            fn get(self) -> f64 {
                self as f64
            }

            fn put(value: f64) -> Option<Self> {
                let near = value.round();
                // Above 2^31 no value of an examination makes sense.
                let fits = near.abs() <= f64::from(i32::MAX) && near >= <$kind>::MIN as f64;
                fits.then_some(near as Self)
            }
        }
    )+};
}

whole!(usize, u64, i64, i32);

/// Some values with a table of their own.
pub(crate) trait Group {
    /// Adds all values, with `path` in front of their names.
    fn list(&self, path: &str, into: &mut Vec<Entry>);

    /// Sets one by its name within the group.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be the value.
    fn put(&mut self, name: &str, value: f64) -> Result<(), TuningError>;
}

/// A struct of values.
macro_rules! group {
    ($(#[doc = $about:literal])+ $name:ident { $(
        $(#[doc = $doc:literal])+
        $field:ident: $kind:ty = $value:expr, $unit:literal;
    )+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                #[doc = concat!("\n\nUnit: ", $unit, ".")]
                pub $field: $kind,
            )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $value,)+ }
            }
        }

        impl $crate::tuning::group::Group for $name {
            fn list(&self, path: &str, into: &mut Vec<$crate::tuning::Entry>) {
                $(into.push($crate::tuning::Entry {
                    name: format!("{path}{}", stringify!($field)),
                    unit: $unit,
                    about: concat!($($doc),+).trim(),
                    value: $crate::tuning::group::Knob::get(self.$field),
                });)+
            }

            fn put(&mut self, name: &str, value: f64) -> Result<(), $crate::tuning::TuningError> {
                match name {
                    $(stringify!($field) => {
                        self.$field = $crate::tuning::group::Knob::put(value).ok_or_else(|| {
                            $crate::tuning::TuningError::Value { name: name.to_owned(), value }
                        })?;
                        Ok(())
                    })+
                    _ => Err($crate::tuning::TuningError::Name { name: name.to_owned() }),
                }
            }
        }
    };
}

/// A struct of groups.
macro_rules! tree {
    ($(#[doc = $about:literal])+ $name:ident { $(
        $(#[doc = $doc:literal])+
        $field:ident: $kind:ty;
    )+ }) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $kind,)+
        }

        impl $crate::tuning::group::Group for $name {
            fn list(&self, path: &str, into: &mut Vec<$crate::tuning::Entry>) {
                $(self.$field.list(&format!("{path}{}.", stringify!($field)), into);)+
            }

            fn put(&mut self, name: &str, value: f64) -> Result<(), $crate::tuning::TuningError> {
                match name.split_once('.') {
                    $(Some((stringify!($field), rest)) => self.$field.put(rest, value),)+
                    _ => Err($crate::tuning::TuningError::Name { name: name.to_owned() }),
                }
            }
        }
    };
}

pub(crate) use {group, tree};
