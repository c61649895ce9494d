;; A policy for tests/hostile.rs, as the core module of the world
;; podroute:policy/policy. It behaves: every report is empty, and json.evaluate
;; answers with its request. The test puts other code into {{places}}.
(module
  (import "[export]podroute:policy/evaluator@0.1.0" "[resource-new]cluster"
    (func $new (param i32) (result i32)))

  ;; Bytes 0 to 2048 stay zero. As what a function returns they are an empty
  ;; report, or an empty list.
  (memory $memory (export "memory") {{memory}})
  (data (memory $memory) (i32.const 3072) "\08\0c\00\00\02\00\00\00{}")
  (table $table 1 funcref)
  (global $free (mut i32) (i32.const 4096))
  {{module}}

  (func $start {{start}})
  (start $start)

  (func $recurse (call $recurse) (call $recurse))

  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
    (result i32) (local $at i32)
    (if (i32.eq (local.get $size) (i32.const 1)) (then {{realloc}}))
    (local.set $at
      (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  (func (export "podroute:policy/evaluator@0.1.0#evaluate")
    (param $arguments i32) (result i32)
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[static]cluster.open")
    (param $settings i32) (result i32)
    {{open}}
    (i32.store (i32.const 2052) (call $new (i32.const 1)))
    (i32.const 2048))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.load")
    (param $self i32) (param $documents i32) (param $count i32) (result i32)
    {{load}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.upsert")
    (param $self i32) (param $documents i32) (param $count i32) (result i32)
    {{upsert}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.remove")
    (param $self i32) (param $kind i32) (param $kind_length i32)
    (param $has_namespace i32) (param $namespace i32) (param $namespace_length i32)
    (param $name i32) (param $name_length i32) (result i32)
    {{remove}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.set-kind")
    (param $self i32) (param $kind i32) (param $kind_length i32)
    (param $state i32) (param $reason i32) (param $reason_length i32)
    {{set-kind}})

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.set-clock")
    (param $self i32) (param $has_at i32) (param $at i32) (param $at_length i32)
    (param $has_today i32) (param $today i32) (param $today_length i32) (result i32)
    {{set-clock}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.needs")
    (param $self i32) (result i32)
    {{needs}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.changes")
    (param $self i32) (result i32)
    {{changes}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.plan")
    (param $self i32) (param $owner i32) (param $owner_length i32)
    (param $former i32) (param $former_count i32)
    (param $has_selector i32) (param $selector i32) (param $selector_length i32)
    (param $observed i32) (param $observed_count i32) (param $delete_share i32)
    (param $has_confirmed i32) (param $confirmed i32) (param $confirmed_length i32)
    (param $withdraw i32) (result i32)
    {{plan}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.review")
    (param $self i32) (param $changes i32) (param $count i32) (result i32)
    {{review}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.review-json")
    (param $self i32) (param $changes i32) (param $count i32) (result i32)
    {{review-json}}
    (i32.const 3072))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.trace")
    (param $self i32) (param $ip i32) (param $ip_length i32) (result i32)
    {{trace}}
    (i32.const 0))

  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.report")
    (param $self i32) (result i32)
    {{report}}
    (i32.const 0))

  ;; "{}", which stands with its address and length at 3072.
  (func (export "podroute:policy/evaluator@0.1.0#[method]cluster.report-json")
    (param $self i32) (result i32)
    {{report-json}}
    (i32.const 3072))

  ;; Other code for the request "!" only.
  (func (export "podroute:policy/json@0.1.0#evaluate")
    (param $request i32) (param $length i32) (result i32) (local $turns i64)
    (if (i32.eq (i32.load8_u (local.get $request)) (i32.const 0x21)) (then {{json}}))
    (i32.store (i32.const 2068) (local.get $request))
    (i32.store (i32.const 2072) (local.get $length))
    (i32.const 2064))

  (func (export "podroute:policy/json@0.1.0#review")
    (param $request i32) (param $length i32) (result i32)
    (i32.store (i32.const 2068) (local.get $request))
    (i32.store (i32.const 2072) (local.get $length))
    (i32.const 2064))

  (func (export "cabi_post_podroute:policy/json@0.1.0#evaluate") (param $answer i32)
    (if (i32.eq (i32.load offset=8 (local.get $answer)) (i32.const 1)) (then {{post}})))

  (func (export "podroute:policy/catalogue@0.1.0#rules") (result i32)
    {{rules}}
    (i32.const 0))

  ;; Zeros are an empty text.
  (func (export "podroute:policy/picture@0.1.0#map")
    (param $report i32) (param $length i32) (result i32)
    {{map}}
    (i32.const 0))

  (func (export "podroute:policy/picture@0.1.0#page")
    (param $report i32) (param $length i32) (result i32)
    {{page}}
    (i32.const 0)))
