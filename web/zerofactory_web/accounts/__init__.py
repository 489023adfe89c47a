"""Who may act: organisations, persons, roles at the body, sessions, second factors, tokens, invitations.

Module by subject: :mod:`.sessions` (login, second factor, list, revocation, ``actor_of``), :mod:`.second_factor`,
:mod:`.account` (password), :mod:`.tokens`, :mod:`.invitations`, :mod:`.people`, :mod:`.roles`, :mod:`.competence`,
:mod:`.links`, :mod:`.fitness` (may this person act on that case), :mod:`.operator` (the commands at the server). Below
them: :mod:`.access`, :mod:`.words`, :mod:`.passwords`, :mod:`.totp`, :mod:`.throttle`, :mod:`.secret_text`,
:mod:`.impartiality`.
"""
