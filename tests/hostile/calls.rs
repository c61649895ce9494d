//! Harm that a guest does when it is called.

use super::*;

#[test]
fn a_guest_that_behaves_works() {
    let policy = guest(&[]);
    assert_eq!(policy.evaluate_json("!").unwrap(), "!");
    assert_works_except(&policy, "");
    assert_eq!(policy.rules().unwrap(), []);
    assert_eq!(policy.evaluate(&[], &kubernetes()).unwrap().routes, []);
    let mut cluster = policy.open(&kubernetes()).unwrap();
    assert_eq!(cluster.upsert(&[node("a")]).unwrap(), []);
    assert!(!cluster.remove(&key("Node", "worker-1")).unwrap());
    assert_eq!(cluster.report_json().unwrap(), "{}");
}

#[test]
fn harm_anywhere_costs_one_call() {
    for (place, _) in &PLACES[2..] {
        for harm in HARM {
            if (*place, harm.name) == ("start", "an endless loop") {
                continue; // See `making_a_policy_comes_to_an_end`.
            }
            let policy = guest(&[(place, harm.code)]);
            for _ in 0..2 {
                let error = call(&policy.clone().with_limits(harm.limits), place);
                let error = error.expect_err(place);
                assert!((harm.is)(&error), "{} in {place}: {error:?}", harm.name);
                assert_works_except(&policy, place);
            }
        }
    }
    assert_well(&built_in());
}

/// Limits come after the policy is made, so making it must not need any.
#[test]
fn making_a_policy_comes_to_an_end() {
    let begun = Instant::now();
    let policy = guest(&[("start", "(loop $again (br $again))")]).with_limits(SOON);
    assert!(begun.elapsed() < Limits::default().deadline / 2);
    assert!(matches!(policy.rules(), Err(Error::Deadline(_))));
}

#[test]
fn a_cluster_that_failed_is_lost() {
    for method in METHODS {
        for harm in HARM {
            let policy = guest(&[(method, harm.code)]);
            let hurried = policy.clone().with_limits(harm.limits);
            let mut cluster = hurried.open(&kubernetes()).unwrap();
            let error = call_method(&mut cluster, method).expect_err(method);
            assert!((harm.is)(&error), "{} in {method}: {error:?}", harm.name);
            for method in METHODS {
                let error = call_method(&mut cluster, method).expect_err(method);
                assert!(matches!(error, Error::Lost), "{method}: {error:?}");
            }
            assert_works_except(&policy, method);
        }
    }
}

/// The other clusters of the same policy are not.
#[test]
fn a_lost_cluster_is_the_only_one() {
    let policy = guest(&[("upsert", HARM[0].code)]);
    let mut lost = policy.open(&kubernetes()).unwrap();
    let mut other = policy.open(&kubernetes()).unwrap();
    assert_trap(lost.upsert(&[node("a")]), "unreachable");
    assert_eq!(other.report_json().unwrap(), "{}");
    assert!(matches!(lost.report_json(), Err(Error::Lost)));
}

/// Nor is anything put into it, were it nothing.
#[test]
fn not_even_nothing_is_put_into_a_lost_cluster() {
    let policy = guest(&[("report", HARM[0].code)]);
    let mut cluster = policy.open(&kubernetes()).unwrap();
    assert_trap(cluster.report(), "unreachable");
    assert!(matches!(cluster.upsert(&[]), Err(Error::Lost)));
    assert!(matches!(cluster.load(&[]), Err(Error::Lost)));
}

#[test]
fn memory_is_limited_before_any_code_runs() {
    let pages = |count: usize| count.to_string();
    let over = guest(&[("memory", &pages(LIMITS.memory / 65_536 + 1))]);
    for call in [
        over.evaluate_json("x").map(drop),
        over.evaluate(&[], &kubernetes()).map(drop),
        over.open(&kubernetes()).map(drop),
        over.rules().map(drop),
    ] {
        assert!(matches!(call, Err(Error::OutOfMemory(limit)) if limit == LIMITS.memory));
    }
    // The same guest under a larger limit, and one that just fits.
    let more = Limits {
        memory: 2 * LIMITS.memory,
        ..LIMITS
    };
    assert_eq!(over.with_limits(more).evaluate_json("x").unwrap(), "x");
    let fits = guest(&[("memory", &pages(LIMITS.memory / 65_536))]);
    assert_eq!(fits.evaluate_json("x").unwrap(), "x");
}

#[test]
fn the_limit_is_for_all_memories_together() {
    let three = "(memory 320) (memory 320) (memory 320)";
    let policy = guest(&[("module", three)]);
    let answer = policy.evaluate_json("x");
    assert!(
        matches!(answer, Err(Error::OutOfMemory(_))),
        "60 MiB under a limit of 24 MiB: {answer:?}"
    );
}

/// A guest may be refused memory, live with it, and fail of something else.
#[test]
fn failures_have_their_own_names_after_a_refusal() {
    let refused = "(if (i32.ne (memory.grow (i32.const 10000)) (i32.const -1))
        (then unreachable))";
    let endless = format!("{refused} (loop $again (br $again))");
    let policy = guest(&[("json", &endless)]).with_limits(SOON);
    let answer = policy.evaluate_json("!");
    assert!(matches!(answer, Err(Error::Deadline(_))), "{answer:?}");
    // In an earlier call.
    let policy = guest(&[("upsert", refused), ("report", "unreachable")]);
    let mut cluster = policy.open(&kubernetes()).unwrap();
    assert_eq!(cluster.upsert(&[]).unwrap(), []);
    assert_trap(cluster.report(), "unreachable");
}

/// What the host reads out of a guest's memory may be anything.
#[test]
fn answers_that_are_none_are_errors() {
    let outside = "(return (i32.const -8))";
    let unaligned = "(return (i32.const 2049))";
    let case = "(i32.store8 (i32.const 2048) (i32.const 9)) (return (i32.const 2048))";
    // A pointer and a length, as a list or string starts.
    let pair = |at: i64, length: i64| {
        format!(
            "(i32.store (i32.const 2048) (i32.const {at}))
             (i32.store (i32.const 2052) (i32.const {length}))
             (return (i32.const 2048))"
        )
    };
    let string = |at: i64, length: i64| {
        format!(
            "(i32.store (i32.const 2052) (i32.const {at}))
             (i32.store (i32.const 2056) (i32.const {length}))
             (return (i32.const 2048))"
        )
    };
    let latin = "(i32.store (i32.const 2560) (i32.const 0xfffefdfc))".to_owned() + &pair(2560, 4);
    let cases = [
        ("load", outside.to_owned(), ""),
        ("load", pair(131_000, 1_000), ""),
        ("open", outside.to_owned(), ""),
        ("open", unaligned.to_owned(), ""),
        ("open", case.to_owned(), ""),
        ("open", "(return (i32.const 0))".to_owned(), "handle"),
        ("upsert", outside.to_owned(), ""),
        ("upsert", unaligned.to_owned(), ""),
        ("upsert", pair(131_000, 1_000), ""),
        ("upsert", pair(0, -1), ""),
        ("report", outside.to_owned(), ""),
        ("report", unaligned.to_owned(), ""),
        ("report-json", outside.to_owned(), ""),
        ("report-json", unaligned.to_owned(), ""),
        ("report-json", pair(131_000, 1_000), ""),
        ("report-json", pair(-1, 2), ""),
        ("report-json", pair(0, -1), ""),
        ("report-json", latin, "utf-8"),
        ("json", outside.to_owned(), ""),
        ("json", unaligned.to_owned(), ""),
        ("json", case.to_owned(), ""),
        ("json", string(131_000, 1_000), ""),
        ("json", string(-1, -1), ""),
        ("rules", outside.to_owned(), ""),
        ("rules", pair(131_000, 1_000), ""),
        ("rules", pair(0, -1), ""),
        ("realloc", outside.to_owned(), "realloc"),
        (
            "realloc",
            "(return (i32.const 131072))".to_owned(),
            "realloc",
        ),
    ];
    for (place, code, words) in &cases {
        let policy = guest(&[(place, code)]);
        assert_trap(call(&policy, place), words);
        assert_works_except(&policy, place);
    }
}

/// A guest's memory is limited; what the host copies out of it must be, too.
#[test]
fn little_memory_does_not_become_much() {
    // 65,536 rules, each with the same MiB of zeros as its page: 64 GiB.
    let policy = guest(&[
        ("memory", "80"),
        (
            "rules",
            "(local $at i32)
             (local.set $at (i32.const 1048576))
             (loop $again
                (i32.store offset=32 (local.get $at) (i32.const 8192))
                (i32.store offset=36 (local.get $at) (i32.const 1000000))
                (local.set $at (i32.add (local.get $at) (i32.const 40)))
                (br_if $again (i32.lt_u (local.get $at) (i32.const 3670016))))
             (i32.store (i32.const 2048) (i32.const 1048576))
             (i32.store (i32.const 2052) (i32.const 65536))
             (return (i32.const 2048))",
        ),
    ]);
    assert_trap(policy.rules(), "too much data");
    assert_works_except(&policy, "rules");
}
