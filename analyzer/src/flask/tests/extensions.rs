//! Extensions: who imports, makes and attaches them.

use super::super::extensions::extensions;
use super::super::known_extensions::KNOWN;
use super::project;
use crate::python::scopes::Scopes;

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    let (found, findings) = extensions(&Scopes::new(&project(source)));
    let brief: Vec<String> = found
        .iter()
        .map(|e| {
            let uses: Vec<String> = e
                .uses
                .iter()
                .map(|u| format!("{}:{} {:?}", u.file, u.line, u.how))
                .collect();
            format!(
                "{} ({}): {}",
                e.name,
                e.underneath.join(", "),
                uses.join(", ")
            )
        })
        .collect();
    assert_eq!(brief, expected);
    let unknown = found.iter().filter(|e| !e.known).count();
    assert_eq!(findings.len(), unknown);
}

#[test]
fn the_table_is_sorted() {
    assert!(KNOWN.is_sorted_by(|a, b| a.package < b.package));
}

#[test]
fn attached_where_it_is_made() {
    check(
        "from flask_cors import CORS, cross_origin\nimport flask_login as fl\nCORS(app)\nmanager = fl.LoginManager(app)\n@cross_origin()\ndef view(): pass\n",
        &[
            "Flask-CORS (): app.py:1 Imported, app.py:3 Constructed",
            "Flask-Login (): app.py:2 Imported, app.py:4 Constructed",
        ],
    );
}

#[test]
fn attached_elsewhere() {
    check(
        "# file: site/__init__.py\nfrom . import ext\nfrom .ext import db, mail as post\ndef create_app():\n    db.init_app(app)\n    post.init_app(app)\n    ext.login.init_app(app)\n    other.init_app(app)\n# file: site/ext.py\nfrom flask_sqlalchemy import SQLAlchemy\nfrom flask_mail import Mail, Message\nfrom flask_login import LoginManager\nclass Manager(LoginManager): pass\ndb: SQLAlchemy = SQLAlchemy()\nmail = Mail()\nlogin = Manager()\n",
        &[
            "Flask-Login (): site/__init__.py:6 InitApp, site/ext.py:3 Imported, site/ext.py:7 Constructed",
            "Flask-Mail (smtplib): site/__init__.py:5 InitApp, site/ext.py:2 Imported, site/ext.py:6 Constructed",
            "Flask-SQLAlchemy (SQLAlchemy): site/__init__.py:4 InitApp, site/ext.py:1 Imported, site/ext.py:5 Constructed",
        ],
    );
}

#[test]
fn names() {
    check(
        "from flask.ext.login import current_user\nfrom webargs import flaskparser\nfrom sentry_sdk.integrations.flask import FlaskIntegration\nimport flask_odd.thing\nfrom flask import request\nimport sentry_sdk\nfrom flask_wtf import FlaskForm\nfrom flask_wtf.file import FileField\nclass F(FlaskForm):\n    f = FileField()\n",
        &[
            "Flask-Login (): app.py:1 Imported",
            "Flask-Odd (): app.py:4 Imported",
            "Flask-WTF (WTForms, itsdangerous): app.py:7 Imported, app.py:8 Imported",
            "sentry-sdk (sentry-sdk): app.py:3 Imported",
            "webargs (marshmallow): app.py:2 Imported",
        ],
    );
}

#[test]
fn the_apps_own_package_is_none() {
    check(
        "# file: flask_site/__init__.py\nfrom flask import Flask\n# file: run.py\nfrom flask_site import Site\nSite().init_app(app)\n",
        &[],
    );
}
