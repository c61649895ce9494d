//! Routes that a table holds, as they were written to a file: by a
//! controller, by `ip route`, or by podroute.

mod ip_route;
mod routes_file;

use crate::policy::ObservedRoute;
use crate::targets::avi;

pub use ip_route::Protocol;

/// Where a file comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A VRF context as an Avi Controller answers.
    AviVrf,
    /// `ip -json route show`; ours are the routes of this protocol.
    IpRoute(Protocol),
    /// `podroute.routes/v1`, `podroute.report/v1` or CSV, all of it ours.
    Routes,
}

/// The routes in a text. Those of ours carry `owner`, but for a VRF, where
/// the marks stand in the file. The error says what is wrong and where.
pub fn parse(source: &Source, text: &str, owner: &str) -> Result<Vec<ObservedRoute>, String> {
    match source {
        Source::AviVrf => {
            let routes = avi::parse_vrf(text).map_err(|error| error.to_string())?;
            Ok(routes.iter().map(Into::into).collect())
        }
        Source::IpRoute(protocol) => ip_route::parse(text, protocol, owner),
        Source::Routes => routes_file::parse(text, owner),
    }
}
