//! Lists of objects, page by page.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::session::Session;
use crate::targets::Error;

const PAGE_SIZE: &str = "100";

/// More pages than any cloud has: an answer that never ends is an error.
const MOST_PAGES: usize = 10_000;

#[derive(Deserialize)]
struct Page {
    count: usize,
    results: Vec<Box<RawValue>>,
}

/// Every object of a kind in this cloud, as text; with a name, those of that
/// name. All of them or an error: half a list looks like a whole one.
pub(super) async fn list(
    session: &Session,
    kind: &str,
    cloud: &str,
    name: Option<&str>,
) -> Result<Vec<Box<RawValue>>, Error> {
    let mut objects = Vec::new();
    for page in 1..=MOST_PAGES {
        let page = page.to_string();
        let mut query = vec![
            ("include_name", "true"),
            ("cloud_ref.name", cloud),
            ("page_size", PAGE_SIZE),
            ("page", &page),
        ];
        if let Some(name) = name {
            query.insert(0, ("name", name));
        }
        let answer = session.get(&[kind], &query).await?;
        let request = answer.request.clone();
        let body = answer.into_body()?;
        let page: Page = serde_json::from_str(&body).map_err(|error| {
            Error::Unavailable(format!(
                "{request}: the answer is no list: {error}; tried again later"
            ))
        })?;
        let empty = page.results.is_empty();
        objects.extend(page.results);
        if objects.len() >= page.count {
            return Ok(objects);
        }
        if empty {
            return Err(Error::Unavailable(format!(
                "{request}: {} of {} objects, then no more; tried again later",
                objects.len(),
                page.count
            )));
        }
    }
    Err(Error::Unavailable(format!(
        "the controller's list of {kind} does not end; check the controller"
    )))
}
