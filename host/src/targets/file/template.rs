//! Templates: routes in, text out. Nothing here touches the output file, so
//! that the same text can be had without a daemon.

use std::cmp::Ordering;
use std::fs;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::super::{Error, Wanted};

const BUILT_IN: [(&str, &str); 5] = [
    ("frr", include_str!("templates/frr.j2")),
    ("bird", include_str!("templates/bird.j2")),
    ("iproute2", include_str!("templates/iproute2.j2")),
    ("avi", include_str!("templates/avi.j2")),
    ("json", include_str!("templates/json.j2")),
];

const VARIABLES: &str = "a template has owner, and the lists routes, ipv4 and ipv6; each route has \
                         prefix, address, length, family, next_hop, node and id";

/// A comment may not be longer: vtysh reads lines of at most 4096 bytes and
/// takes what is left of a longer one for a command.
const COMMENT_LENGTH: usize = 200;

/// A template without errors of syntax.
pub struct Template {
    name: String,
    environment: Environment<'static>,
}

impl Template {
    /// The names of the templates that are built in.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in template by its name, else the file of that path.
    pub fn open(choice: &str) -> Result<Self, Error> {
        let built_in = BUILT_IN.iter().find(|(name, _)| *name == choice);
        if let Some((_, source)) = built_in {
            return Self::parse(choice, (*source).to_owned());
        }
        match fs::read_to_string(choice) {
            Ok(source) => Self::parse(choice, source),
            Err(error) => Err(Error::Refused(format!(
                "cannot read the template {choice}: {error}; give --template the path of a file \
                 that podroute may read, or one of {}",
                Self::names().collect::<Vec<_>>().join(", ")
            ))),
        }
    }

    /// A template from its text; the name is for messages.
    pub fn parse(name: &str, source: String) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_syntax(syntax().map_err(|error| refused(name, &error))?);
        environment.add_filter("comment", comment);
        environment.add_filter("json", json);
        environment
            .add_template_owned(name.to_owned(), source)
            .map_err(|error| refused(name, &error))?;
        Ok(Self {
            name: name.to_owned(),
            environment,
        })
    }
}

/// A line with nothing but a block on it leaves no line behind.
fn syntax() -> Result<SyntaxConfig, minijinja::Error> {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
}

/// The text of a file that holds these routes, in whatever order they come.
pub fn render(template: &Template, owner: &str, routes: &[Wanted]) -> Result<String, Error> {
    let mut sorted: Vec<&Wanted> = routes.iter().collect();
    sorted.sort_by(|left, right| order(left, right));
    let (ipv4, ipv6): (Vec<_>, Vec<_>) = sorted
        .iter()
        .partition(|route| route.prefix.addr().is_ipv4());
    let [ipv4, ipv6] = [ipv4, ipv6].map(|routes| routes.into_iter().map(value).collect::<Vec<_>>());
    let routes: Vec<Value> = ipv4.iter().chain(&ipv6).cloned().collect();
    template
        .environment
        .get_template(&template.name)
        .and_then(|text| text.render(context! { owner, routes, ipv4, ipv6 }))
        .map_err(|error| refused(&template.name, &error))
}

/// IPv4 first, then by prefix: the order in every file.
pub(super) fn order(left: &Wanted, right: &Wanted) -> Ordering {
    let key = |route: &Wanted| (route.prefix, route.next_hop);
    key(left)
        .cmp(&key(right))
        .then_with(|| left.id.cmp(&right.id))
}

/// What a template sees of a route.
fn value(route: &Wanted) -> Value {
    let is_ipv4 = route.prefix.addr().is_ipv4();
    context! {
        prefix => route.prefix.to_string(),
        address => route.prefix.addr().to_string(),
        length => route.prefix.prefix_len(),
        family => if is_ipv4 { "ipv4" } else { "ipv6" },
        next_hop => route.next_hop.to_string(),
        node => &route.node,
        id => &route.id,
    }
}

/// Text that stays within a comment to the end of the line, whoever wrote it:
/// no line ends, and no backslash, which joins lines.
pub(crate) fn comment(text: &str) -> String {
    text.chars()
        .take(COMMENT_LENGTH)
        .map(|character| match character {
            '\\' => '?',
            ' '..='~' => character,
            _ => '?',
        })
        .collect()
}

/// A value as JSON, quotes included.
fn json(value: &Value) -> Result<String, minijinja::Error> {
    serde_json::to_string(value).map_err(|error| {
        minijinja::Error::new(
            minijinja::ErrorKind::BadSerialization,
            "this cannot be written as JSON",
        )
        .with_source(error)
    })
}

fn refused(name: &str, error: &minijinja::Error) -> Error {
    let line = match error.line() {
        Some(line) => format!(", line {line}"),
        None => String::new(),
    };
    let detail = match error.detail() {
        Some(detail) => format!(": {detail}"),
        None => String::new(),
    };
    Error::Refused(format!(
        "template {name}{line}: {}{detail}; mend the template: {VARIABLES}",
        error.kind()
    ))
}
