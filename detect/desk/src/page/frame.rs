//! What every page has around it.

use maud::{DOCTYPE, Markup, html};

use crate::caller::Caller;

/// A page with its title, and who is signed in.
pub(super) fn framed(title: &str, who: Option<&Caller>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Countermark" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="/desk.css";
                script src="/sides.js" defer {}
                script src="/desk.js" defer {}
            }
            body {
                a.skip href="#main" { "Skip to the page" }
                header {
                    nav aria-label="Desk" {
                        a.brand href="/" { "Countermark" }
                        @if let Some(who) = who {
                            a href="/" { "Clips" }
                            a href="/titles" { "Titles" }
                            a href="/warnings" { "Early warning" }
                            form method="post" action="/session/end" {
                                button.plain type="submit" { "Sign out " (who.name) }
                            }
                        }
                    }
                }
                main #main { (body) }
                div #said role="status" aria-live="polite" {}
            }
        }
    }
}

/// The page that asks for a token.
pub(super) fn login(why: Option<&str>) -> Markup {
    let body = html! {
        h1 { "Sign in" }
        @if let Some(why) = why { p.bad role="alert" { (why) } }
        form.card method="post" action="/session" {
            label for="token" { "Token" }
            input #token name="token" type="password" autocomplete="current-password" required autofocus;
            p.quiet { "On this machine: the one that was printed when the desk was started." }
            button type="submit" { "Sign in" }
        }
    };
    framed("Sign in", None, &body)
}

/// Seconds as minutes and seconds.
pub(super) fn clock(seconds: f64) -> String {
    let (hours, rest) = ((seconds / 3600.0).floor(), seconds % 3600.0);
    let (minutes, rest) = ((rest / 60.0).floor(), rest % 60.0);
    if hours > 0.0 {
        format!("{hours:.0}:{minutes:02.0}:{rest:05.2}")
    } else {
        format!("{minutes:.0}:{rest:05.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_told_as_a_clock_tells_them() {
        let told = [0.0, 61.5, 3725.25].map(clock);
        assert_eq!(told, ["0:00.00", "1:01.50", "1:02:05.25"]);
    }
}
