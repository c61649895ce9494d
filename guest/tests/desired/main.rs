//! Routes that are kept up to date change by change are those that are worked
//! out from scratch, and a change of one node looks at that node only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod addresses;
mod cost;
mod labels;
mod objects;
mod operations;
mod stories;
mod watched;
mod world;

use proptest::prelude::*;

use operations::Case;
use watched::Watched;

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn equals_what_is_worked_out_from_scratch(case in operations::case()) {
        let Case { settings, start, operations } = case;
        let mut watched = Watched::new(settings);
        watched.load(&start);
        watched.compare("the start");
        for operation in operations {
            let name = format!("{operation:?}");
            operation.run(&mut watched);
            watched.compare(&name);
        }
        watched.take_changes();
    }
}
