//! The reports of `doctor`: `blame` tells where every value of a jail comes from.

pub(crate) mod blame;
