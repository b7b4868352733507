"""Names of columns and values in other systems, on which a guess is based.

They are in English, German, French and Spanish, and from exports of common systems: Raiser's Edge,
Salesforce NPSP, CiviCRM, Bloomerang, Stripe, and the names of OSDI. They are written without
blanks, marks and accents, as `plain` returns them. The first name of a field is the surest.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ladder.model.kinds import KINDS

HEADS: Final[dict[str, tuple[str, ...]]] = {
    "supporter": (
        "supporterid supporter constituentid contactid donorid donornumber personid memberid",
        "kontaktid spenderid spendernummer personennummer mitgliedsnummer adressnummer donateurid",
        "donantid donanteid contactoid primarycontact primarycontactc npspprimarycontactc",
        "customerid customer accountnumber accountid volunteerid userid constituent contact donor",
        "person member volunteer spender kontakt donateur donante who hash cnbioid systemrecordid",
        "email emailaddress",
    ),
    "at": (
        "actiondate giftdate donationdate datereceived receivedate receiveddate closedate date",
        "transactiondate paymentdate contributiondate getatigtamdatum spendendatum datum",
        "buchungsdatum buchungstag wertstellung zahlungsdatum datedon datedudon datedereception",
        "fecha fechadonacion createdutc created disbursed observedat occurredat eventdate gfdate",
        "timestamp datetime when at day activitydate startdate tag",
    ),
    "amount": (
        "amount giftamount donationamount totalamount contributionamount amountreceived betrag",
        "spendenbetrag summe montant montantdudon importe monto cantidaddonada gross total",
        "paymentamount gfamount dollarvalue value wert",
    ),
    "currency": (
        "currency currencycode currencyisocode wahrung waehrung devise moneda divisa cur",
    ),
    "external_id": (
        "giftid donationid transactionid contributionid paymentid externalid opportunityid",
        "transactionnumber spendenid spendennummer buchungsnummer belegnummer iddon iddonacion",
        "balancetransactionid chargeid activityid gfid receiptnumber id ref reference",
    ),
    "campaign": (
        "campaign campaignid campaignname primarycampaignsource kampagne aktion appeal appealid",
        "campagne campana event mailing fund",
    ),
    "channel": ("channel kanal canal medium",),
    "quantity": ("hours volunteerhours hoursworked stunden heures horas quantity",),
    "referrer": ("referrer referredby invitedby broughtby broughtin geworbenvon parrain",),
    "answers_id": ("inreplyto answers answersid replyto repliesto originalid",),
    "kind": (
        "kind type gifttype what activitytype financialtype reportingcategory eventtype action",
        "art typ was vorgang tipo genre category resource recordtype",
    ),
}
"""Field to the usual names of its column."""

NOT_THE_DATE: Final = (
    "birth",
    "geburt",
    "naissance",
    "nacim",
    "modif",
    "update",
    "erstellt",
    "valid",
)
"""Parts of the names of date columns that do not hold the date of the touchpoint."""

FOOTERS: Final = (
    "total",
    "grandtotal",
    "subtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "somme",
)
"""Texts of the first cell of a footer row."""

_CALLED: Final[dict[str, str]] = {
    "donation": "gift donation cash check spende don donacion donativo onlinegift contribution "
    "posted",
    "instalment": "recurringgift recurring monthlygift dauerspende rate installment prelevement",
    "pledge": "pledge pledged zusage promesse promesa",
    "payment": "payment pledgepayment zahlung",
    "purchase": "purchase ticket sale order kauf achat compra merchandise",
    "membership": "membership membershipfee mitgliedsbeitrag cotisation cuota",
    "refund": "refund refunded ruckerstattung erstattung remboursement reembolso",
    "chargeback": "chargeback dispute rucklastschrift",
    "payment_failed": "failed paymentfailed fehlgeschlagen",
    "void": "void voided cancelled storno canceled",
    "volunteer_shift": "shift volunteershift volunteering einsatz benevolat voluntariado schicht",
    "event_attended": "attended attendance attendee teilnahme teilgenommen present",
    "rsvp": "rsvp rsvpyes registered anmeldung inscription accepted",
    "petition_signed": "petition signature signed petitionsigned unterschrift",
    "shared": "share shared geteilt partage",
    "subscribed": "subscribe subscribed signup newslettersignup angemeldet optin",
    "unsubscribed": "unsubscribe unsubscribed abgemeldet optout desinscription",
    "email_opened": "open opened emailopen emailopened geoffnet",
    "email_clicked": "click clicked emailclick emailclicked geklickt",
    "bounced": "bounce bounced hardbounce",
    "appeal": "ask solicitation spendenbrief spendenaufruf directmail mailing",
    "thank_you": "thankyou thanks thankyouletter dank dankesbrief verdankung acknowledgement "
    "acknowledgment merci gracias remerciement",
    "receipt": "receipt spendenquittung zuwendungsbestatigung recufiscal recibo",
    "newsletter": "newsletter rundbrief infolettre boletin",
    "invitation": "invitation einladung invite",
    "call": "call phonecall anruf appel llamada",
    "meeting": "meeting treffen besuch visit reunion",
    "message": "email letter brief message",
    "complaint": "complaint beschwerde reklamation plainte queja",
    "question": "question frage anfrage pregunta inquiry",
    "deceased": "deceased died verstorben decede fallecido",
}

KIND_WORDS: Final = {name.replace("_", ""): name for name in KINDS} | {
    word: kind for kind, words in _CALLED.items() for word in words.split()
}
"""Word of another system to a kind of touchpoint."""

FILE_WORDS: Final[dict[str, str]] = {
    "volunteerhours": "volunteer_shift",
    "shift": "volunteer_shift",
    "attend": "event_attended",
    "signature": "petition_signed",
    "petition": "petition_signed",
    "unsubscribe": "unsubscribed",
    "open": "email_opened",
    "click": "email_clicked",
    "receipt": "receipt",
    "thank": "thank_you",
}
"""Part of a file's name to the kind of its rows, if the rows name no kind themselves."""


def plain(text: str) -> str:
    """Reduce a text to small letters and digits: "Getätigt am: Datum" is "getatigtamdatum"."""
    bare = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())


def rank(field: str, head: str) -> int:
    """Score how surely a column of that name holds that field: 0 not at all, higher is surer."""
    words = [word for line in HEADS[field] for word in line.split()]
    name = plain(head)
    if name in words:
        return 1000 - words.index(name)
    parts = {plain(part) for part in re.split(r"[^\w]+|_", head)}
    inner = [word for word in words[:12] if len(word) > 3 and (word in parts or word in name)]  # noqa: PLR2004
    return 100 - words.index(inner[0]) if inner else 0
