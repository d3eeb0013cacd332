"""A course of two evenings with every kind of step, and what comes of it. `{year}` is for `str.format`."""

STORY = """
story: Two evenings
starts: {year}-03-03T09:00:00+01:00
programme:
  title: Att orka vidare {year}
  organiser: Föreningen
  kind: course
  place: {{name: Biblioteket, municipality: Eksjö}}
  places: {{patient: 6, relative: 4}}
  sessions:
    - {{at: "{year}-03-17T17:00:00+01:00", minutes: 90, theme: Kväll ett}}
    - {{at: "{year}-03-24T17:00:00+01:00", minutes: 90, theme: Kväll två}}
registrations: [{{role: patient, count: 8}}, {{role: relative, count: 4}}]
cancellations: [{{role: patient, count: 1}}]
attendance: [10, 9]
lectures:
  - {{very_valuable: 6, valuable: 3, less_valuable: 1}}
  - {{very_valuable: 6, valuable: 2}}
course: {{10: 6, 8: 3, 5: 1}}
quotes:
  - {{text: "Kaffet var gott och samtalen bättre.", consent: publish}}
  - {{text: "Det här sa jag bara till er.", consent: "no"}}
assignments: {{offered: 2, accepted: 1, completed: 1}}
expected:
  registrations: {{confirmed: 10, waiting: 1, cancelled: 1}}
  lectures: {{very_valuable: 0.67, valuable: 0.28, less_valuable: 0.06, not_valuable: 0}}
  course: {{mean: 8.9, n: 10}}
"""

SENT = {
    "confirmation": 10,
    "queued": 2,
    "promoted": 1,
    "cancelled": 1,
    "reminder": 20,
    "session_survey": 19,
    "course_survey": 10,
    "assignment_offer": 2,
}
EVENTS = {
    "programme-planned": 1,
    "participant-registered": 12,
    "participant-contact-changed": 12,
    "registration-promoted": 1,
    "registration-cancelled": 1,
    "session-held": 2,
    "survey-opened": 3,
    "survey-invitations-minted": 3,
    "volunteer-contact-changed": 2,
    "assignment-offered": 2,
    "assignment-completed": 1,
    "results-published": 1,
}
