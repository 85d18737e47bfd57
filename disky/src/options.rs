//! The macro that declares options.

/// Declares a struct of options, each in one place: its documentation, name, type and default.
///
/// The struct gets public fields, [`Default`], and for each option a method of the same name that
/// sets it and returns the options, so that both forms of use work:
/// `Options { a: 1, ..Options::default() }` and `Options::default().a(1)`.
macro_rules! options {
    (
        $(#[$attribute:meta])*
        pub struct $options:ident {
            $($(#[$documentation:meta])* $option:ident: $type:ty = $default:expr,)*
        }
    ) => {
        $(#[$attribute])*
        pub struct $options {
            $($(#[$documentation])* pub $option: $type,)*
        }

        impl Default for $options {
            fn default() -> Self {
                Self { $($option: $default,)* }
            }
        }

        impl $options {
            $(
                #[doc = concat!("Sets the field `", stringify!($option), "` and returns the options.")]
                #[must_use]
                pub fn $option(self, $option: $type) -> Self {
                    Self { $option, ..self }
                }
            )*
        }
    };
}

pub(crate) use options;
