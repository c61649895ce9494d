//! What one guest does, no other suffers from.

use super::*;

/// Calls on one engine share its clock. While some run into their deadlines,
/// others run on, those that take longer than these deadlines included.
#[test]
fn deadlines_are_of_one_call() {
    // Endless for "!"; for a longer request a million turns a byte.
    let code = "
        (loop $again
            (br_if $again (i32.eq (local.get $length) (i32.const 1)))
            (local.set $turns (i64.add (local.get $turns) (i64.const 1)))
            (br_if $again (i64.lt_u
                (local.get $turns)
                (i64.mul (i64.extend_i32_u (local.get $length)) (i64.const 1000000)))))";
    let policy = guest(&[("json", code)]);
    let hurried = policy.clone().with_limits(SOON);
    let well = built_in();
    let long = "!".repeat(300);
    let (stop, innocent) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    assert_well(&well);
                    assert_eq!(policy.evaluate_json("fine").unwrap(), "fine");
                    assert_eq!(policy.evaluate_json(&long).unwrap(), long);
                    innocent.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let answers: Vec<_> = (0..8).map(|_| hurried.evaluate_json("!")).collect();
        stop.store(true, Ordering::Relaxed);
        for answer in answers {
            assert!(matches!(answer, Err(Error::Deadline(_))), "{answer:?}");
        }
    });
    assert!(innocent.into_inner() > 0);
}

#[test]
fn the_built_in_policy_has_deadlines_too() {
    let policy = built_in();
    let hurried = policy.clone().with_limits(Limits {
        deadline: Duration::from_millis(10),
        ..Limits::default()
    });
    let large: Vec<_> = (0..60_000).map(|at| node(&format!("node-{at}"))).collect();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    assert_well(&policy);
                }
            });
        }
        let answers = [(); 3].map(|()| hurried.evaluate(&large, &kubernetes()));
        stop.store(true, Ordering::Relaxed);
        for answer in answers {
            assert!(matches!(answer, Err(Error::Deadline(_))));
        }
    });
    assert_well(&policy);
}
