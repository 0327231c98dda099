//! The grammar of expressions.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/expressions>

use super::lex::{Token, tokens};
use super::value::Value;

/// How deeply an expression may be nested.
const DEEPEST: usize = 40;

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Literal(Value),
    /// `github.event.inputs['tag']`: a context and a path in it.
    Access(Vec<Part>),
    /// A part of the value of a call: `fromJSON(x).tags[0]`.
    Within(Box<Expression>, Vec<Part>),
    Call(String, Vec<Expression>),
    Not(Box<Expression>),
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// A part of a path.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Name(String),
    Index(Expression),
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    Unequal,
    /// `<`, `<=`, `>` and `>=`: the outcome is always unknown.
    Compare(&'static str),
}

impl Operator {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Compare(sign) => sign,
        }
    }
}

/// Parses an expression; none if it is not one.
pub(crate) fn parse(source: &str) -> Option<Expression> {
    const LONGEST: usize = 20_000;
    if source.len() > LONGEST {
        return None;
    }
    let mut parser = Parser { tokens: tokens(source)?, at: 0, depth: 0 };
    let expression = parser.binary(0)?;
    (parser.at == parser.tokens.len()).then_some(expression)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

/// Operators by precedence, the lowest first.
const LEVELS: [&[(&str, Operator)]; 4] = [
    &[("||", Operator::Or)],
    &[("&&", Operator::And)],
    &[("==", Operator::Equal), ("!=", Operator::Unequal)],
    &[
        ("<=", Operator::Compare("<=")),
        (">=", Operator::Compare(">=")),
        ("<", Operator::Compare("<")),
        (">", Operator::Compare(">")),
    ],
];

impl Parser {
    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    fn binary(&mut self, level: usize) -> Option<Expression> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        let mut length = 0;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.sign(sign)) {
            let right = self.binary(level + 1)?;
            left = Expression::Binary(*operator, Box::new(left), Box::new(right));
            length += 1;
            // Each operator of a chain nests it one level deeper.
            if length > DEEPEST * 2 {
                return None;
            }
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let expression =
            if self.sign("!") { Expression::Not(Box::new(self.unary()?)) } else { self.primary()? };
        self.depth -= 1;
        Some(expression)
    }

    fn primary(&mut self) -> Option<Expression> {
        if self.sign("(") {
            let inner = self.binary(0)?;
            return if self.sign(")") { self.within(inner) } else { None };
        }
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expression::Literal(Value::Text(text))),
            Token::Number(number) => Some(Expression::Literal(Value::Number(number))),
            Token::Name(name) => match name.as_str() {
                "true" => Some(Expression::Literal(Value::Bool(true))),
                "false" => Some(Expression::Literal(Value::Bool(false))),
                "null" => Some(Expression::Literal(Value::Null)),
                _ if self.sign("(") => {
                    let call = Expression::Call(name.to_ascii_lowercase(), self.arguments()?);
                    self.within(call)
                }
                _ => {
                    let mut parts = vec![Part::Name(name)];
                    parts.extend(self.parts()?);
                    Some(Expression::Access(parts))
                }
            },
            Token::Sign(_) => None,
        }
    }

    fn within(&mut self, inner: Expression) -> Option<Expression> {
        let parts = self.parts()?;
        if parts.is_empty() {
            return Some(inner);
        }
        Some(Expression::Within(Box::new(inner), parts))
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.sign(")") {
            return Some(arguments);
        }
        loop {
            arguments.push(self.binary(0)?);
            if self.sign(")") {
                return Some(arguments);
            }
            if !self.sign(",") {
                return None;
            }
        }
    }

    fn parts(&mut self) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        loop {
            if self.sign(".") {
                if self.sign("*") {
                    parts.push(Part::All);
                    continue;
                }
                let Some(Token::Name(name)) = self.tokens.get(self.at) else { return None };
                parts.push(Part::Name(name.clone()));
                self.at += 1;
            } else if self.sign("[") {
                let part = if self.sign("*") { Part::All } else { Part::Index(self.binary(0)?) };
                parts.push(part);
                if !self.sign("]") {
                    return None;
                }
            } else {
                return Some(parts);
            }
        }
    }
}
