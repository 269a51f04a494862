//! To which statement a number belongs.

use crate::mirror::source::Source;

/// The statement of each number, as text; or why there is none.
fn statements(text: &str) -> Vec<String> {
    let source = Source::parse(text).unwrap();
    let tokens = |tokens: &[usize]| {
        let texts = tokens.iter().map(|at| source.tokens[*at].text.as_str());
        texts.collect::<Vec<_>>().join(" ")
    };
    let text = source.comments.iter().map(|comment| match &comment.statement {
        Ok(statement) => tokens(&statement.tokens),
        Err(why) => (*why).to_owned(),
    });
    text.collect()
}

fn of_body(body: &str) -> Vec<String> {
    statements(&format!("fn main() {{\n{body}\n}}\n"))
}

#[test]
fn a_number_behind_a_statement_belongs_to_the_innermost_one() {
    assert_eq!(of_body("a(); // 1"), ["a ( ) ;"]);
    assert_eq!(of_body("let x = f(|| {\n    b(); // 1\n});"), ["b ( ) ;"]);
    assert_eq!(of_body("say!(\n    \"a\",\n    b\n); // 1-3"), ["say ! ( \"a\" , b ) ;"]);
    assert_eq!(
        of_body("match x {\n    1 => a(), // 1\n    _ => b(), // 2\n}"),
        ["1 = > a ( ) ,", "_ = > b ( ) ,",]
    );
    assert_eq!(of_body("f(|| {\n    b();\n}).c(1); // 1"), ["f ( | | ) . c ( 1 ) ;"]);
    assert_eq!(
        of_body("let Some(a) = b else { c() }; // 1"),
        ["let Some ( a ) = b else { c ( ) } ;",]
    );
    assert_eq!(of_body("if a { b() } else { c() } // 1"), ["if a { b ( ) } else { c ( ) }"]);
}

#[test]
fn a_number_behind_a_brace_belongs_to_what_opens_there() {
    assert_eq!(of_body("loop { // 1\n}"), ["loop {"]);
    assert_eq!(
        of_body("if a { // 1\n} else if b { // 2\n} else { // 3\n}"),
        ["if a {", "else if b {", "else {",]
    );
    assert_eq!(of_body("if a\n    && b\n{ // 1\n}"), ["if a & & b {"]);
    assert_eq!(of_body("f(|x| {\n    g()\n}).h(|y| { // 1\n});"), ["f ( | x | ) . h ( | y | {"]);
    assert_eq!(
        of_body("let f = || -> io::Result<()> { // 1\n    z()\n};"),
        ["let f = | | - > io : : Result < ( ) > {"]
    );
    assert_eq!(of_body("let Some(x) = y else { // 1\n    z()\n};"), ["let Some ( x ) = y else {"]);
    assert_eq!(
        of_body("match x { // 1\n    Some(a) => { // 2\n    }\n    None => {}\n}"),
        ["match x Some ( a ) None {", "Some ( a ) = > {",]
    );
    assert_eq!(statements("#[a]\nfn f(x: u8) { // 1\n}\n"), ["fn f ( x : u8 ) {"]);
}

#[test]
fn items_are_statements() {
    assert_eq!(
        statements("use a::b; // 1\nconst C: u8 = 1; // 2\n"),
        ["use a : : b ;", "const C : u8 = 1 ;",]
    );
    assert_eq!(
        statements("thread_local! {\n    static A: u8 = f(); // 1\n}\n"),
        ["static A : u8 = f ( ) ;"]
    );
}

#[test]
fn without_a_statement_there_is_none() {
    assert_eq!(of_body("loop {\n    a();\n} // 1"), ["is at a lone brace"]);
    assert_eq!(of_body("f(|| {\n    a();\n}); // 1"), ["is at a lone brace"]);
    assert_eq!(of_body("a();\n{ // 1\n}"), ["is at a block of no statement"]);
    assert_eq!(of_body("a();\n// 1\nb();"), ["is on a line of its own"]);
    assert_eq!(of_body("loop {\n    // 1\n    a();\n}"), ["is on a line of its own"]);
    assert_eq!(of_body("f(\n    a, // 1\n    b,\n);"), ["is where no statement ends"]);
    let chain = of_body("let a = b() // 1\n    .c(1) // 2\n    .d(); // 3");
    assert_eq!(chain[..2], ["is where no statement ends"; 2]);
}
