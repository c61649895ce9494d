//! Reports for people and machines: one file per format. The JSON form of a
//! report is the policy's own and is not made here.

pub mod catalogue;
pub mod plan;
pub mod style;
pub mod table;
pub mod terminal;
