//! Each story runs in a network namespace made for it.

use std::any::type_name;
use std::env;
use std::process::{Command, Output};

/// Set in the process that runs a story: the name of its namespace.
const INSIDE: &str = "PODROUTE_TEST_NAMESPACE";

/// Runs a story in a new namespace with one interface: `lb0`, 192.0.2.1/24
/// and 2001:db8::1/64, with the cable's other end as `wire`. A process enters
/// a namespace as a whole, so the test starts itself once more.
pub(crate) fn story<F: AsyncFnOnce()>(body: F) {
    story_under(&[], body);
}

/// The same under a command that starts the story: `setpriv ...`.
pub(crate) fn story_under<F: AsyncFnOnce()>(wrapper: &[&str], body: F) {
    if env::var_os(INSIDE).is_some() {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(body());
        return;
    }
    // `crate::module::test::{{closure}}`
    let name = type_name::<F>()
        .split_once("::")
        .unwrap()
        .1
        .trim_end_matches("::{{closure}}");
    let Some(namespace) = Namespace::new(name) else {
        return;
    };
    namespace.add_wire();
    let test = env::current_exe().unwrap();
    let output = Command::new("ip")
        .args(["netns", "exec", &namespace.0])
        .args(wrapper)
        .arg(test)
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, &namespace.0)
        .output()
        .unwrap();
    print!("{}", text(&output));
    assert!(output.status.success(), "the story failed; see above");
    assert!(
        String::from_utf8_lossy(&output.stdout).contains("1 passed"),
        "no story {name}"
    );
}

/// Whether `ip` can do something in a namespace. Says so if it cannot.
pub(crate) fn can(what: &str) -> bool {
    let output = run(what);
    if !output.status.success() {
        println!(
            "skipped: this kernel does not do `ip {what}`: {}",
            text(&output)
        );
    }
    output.status.success()
}

/// Runs `ip` with arguments separated by spaces. Returns its lines.
pub(crate) fn ip(arguments: &str) -> Vec<String> {
    let output = run(arguments);
    assert!(output.status.success(), "ip {arguments}: {}", text(&output));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// A further namespace of the story in which this is called; goes with it.
pub(crate) fn further(name: &str) -> String {
    let name = format!("{}-{name}", env::var(INSIDE).unwrap());
    ip(&format!("netns add {name}"));
    name
}

fn run(arguments: &str) -> Output {
    Command::new("ip")
        .args(arguments.split_whitespace())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{out}{err}")
}

/// A namespace that goes away whatever becomes of the test, and those with it
/// whose names begin with its own.
struct Namespace(String);

impl Namespace {
    /// None, and a word why, where namespaces cannot be made.
    fn new(story: &str) -> Option<Self> {
        let name = format!("{}-{}", story.replace("::", "-"), std::process::id());
        let output = match Command::new("ip").args(["netns", "add", &name]).output() {
            Ok(output) => output,
            Err(error) => {
                println!("skipped: ip of iproute2 cannot be run: {error}");
                return None;
            }
        };
        if !output.status.success() {
            println!(
                "skipped: needs root for a network namespace: {}",
                text(&output)
            );
            return None;
        }
        Some(Self(name))
    }

    fn add_wire(&self) {
        let name = &self.0;
        for step in [
            "link set lo up",
            "link add lb0 type veth peer name wire",
            // No addresses that come by themselves, some time later.
            "link set lb0 addrgenmode none",
            "link set wire addrgenmode none",
            "addr add 192.0.2.1/24 dev lb0",
            "addr add 2001:db8::1/64 dev lb0 nodad",
            "link set wire up",
            "link set lb0 up",
        ] {
            ip(&format!("-n {name} {step}"));
        }
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        for line in String::from_utf8_lossy(&run("netns list").stdout).lines() {
            let name = line.split_whitespace().next().unwrap_or_default();
            if name.starts_with(&self.0) {
                run(&format!("netns delete {name}"));
            }
        }
    }
}
