"""A merchant's terminal, a bureau and a card in Python against the running backend.

    peer.py SETTINGS.json

Each check prints a line; the first that fails ends the program with status 1 and says what came instead."""

import json
import os
import sys

import grpc

import contract

SETTINGS = json.load(open(sys.argv[1], encoding="utf-8"))
STUBS = contract.make_stubs(SETTINGS["proto"])

from grpc.health.v1 import health_pb2, health_pb2_grpc  # noqa: E402
from subsidy.v1 import batches_pb2, batches_pb2_grpc, cards_pb2, cards_pb2_grpc, common_pb2  # noqa: E402
from subsidy.v1 import disbursements_pb2, disbursements_pb2_grpc, reconciliation_pb2, reconciliation_pb2_grpc  # noqa: E402
from subsidy.v1 import terminals_pb2, terminals_pb2_grpc  # noqa: E402

ROOT = SETTINGS["rootPem"].encode()
TODAY = common_pb2.BusinessDate(yyyymmdd=SETTINGS["today"])
BREAD = 1


def ok(condition, what, instead=""):
    print("ok  " if condition else "FAIL", what, flush=True)
    if not condition:
        print("    instead:", instead, flush=True)
        sys.exit(1)


def refused(call, status, reason, what, field=None):
    """The call ends with this status, and both trailers say why."""
    try:
        answer = call()
    except grpc.RpcError as error:
        trailers = {key: value for key, value in error.trailing_metadata() or ()}
        came = f"{error.code()} {error.details()} {trailers}"
        ok(error.code() == status and trailers.get("subsidy-reason") == reason, f"{what}: {status.name} {reason}", came)
        refusal = common_pb2.Refusal.FromString(trailers["subsidy-refusal-bin"])
        named = common_pb2.RefusalReason.Name(refusal.reason) == "REFUSAL_REASON_" + reason
        ok(named and refusal.next_step and (field is None or refusal.field == field), f"{what}: the binary trailer agrees", came)
        return
    ok(False, what, f"an answer: {answer}")


def connect(key=None, *certificates):
    if key is None:
        credentials = grpc.ssl_channel_credentials(ROOT)
    else:
        credentials = grpc.ssl_channel_credentials(ROOT, contract.pem_of_key(key), contract.pem_of_certificates(*certificates))
    return grpc.secure_channel(SETTINGS["address"], credentials)


def signed(evidence):
    record, cryptogram, signature = evidence
    return common_pb2.SignedRecord(record=record, cryptogram=cryptogram, signature=signature)


def check_health(anyone):
    health = health_pb2_grpc.HealthStub(anyone)
    ok(health.Check(health_pb2.HealthCheckRequest()).status == health_pb2.HealthCheckResponse.SERVING, "health without a certificate")
    watch = health.Watch(health_pb2.HealthCheckRequest(service="subsidy.v1.Disbursements"))
    ok(next(watch).status == health_pb2.HealthCheckResponse.SERVING, "health is watched")
    watch.cancel()


def enrol(anyone, terminal, code):
    """Returns a channel of the enrolled terminal."""
    terminals = terminals_pb2_grpc.TerminalsStub(anyone)
    tls, card = contract.new_key(), contract.new_key()
    asked = terminals_pb2.EnrolRequest(
        terminal_id=terminal, activation_code=code, tls_request=contract.request(tls, terminal), card_request=contract.request(card, terminal)
    )
    answer = terminals.Enrol(asked)
    chain = [answer.tls_certificate, *answer.tls_chain]
    ok(all(contract.is_signed_by(child, parent) for child, parent in zip(chain, chain[1:])), f"{terminal} is certified up to a root")
    ok(contract.pem_of_certificates(chain[-1]).strip() == ROOT.strip(), "the root is the one that TLS trusts")
    ok(answer.card_certificate[:2] == b"\x7f\x21" and contract.point(card) in answer.card_certificate, "the card-facing certificate is over the key that was sent")
    ok(terminals.Enrol(asked) == answer, "the same code with the same keys gets the first answer")
    asked.tls_request = contract.request(contract.new_key(), terminal)
    refused(lambda: terminals.Enrol(asked), grpc.StatusCode.FAILED_PRECONDITION, "ALREADY_DONE", "the same code with other keys")
    return connect(tls, *chain)


def check_strangers(anyone):
    terminals = terminals_pb2_grpc.TerminalsStub(anyone)
    refused(lambda: terminals.GetParameters(terminals_pb2.GetParametersRequest()), grpc.StatusCode.UNAUTHENTICATED, "CERTIFICATE_MISSING", "a call without certificate")
    request = contract.request(contract.new_key(), "GUESSER1")
    guess = terminals_pb2.EnrolRequest(terminal_id=SETTINGS["terminal"], activation_code="WRONG", tls_request=request, card_request=contract.request(contract.new_key(), "GUESSER1"))
    refused(lambda: terminals.Enrol(guess), grpc.StatusCode.PERMISSION_DENIED, "ACTIVATION_CODE_WRONG", "a guessed activation code")


def check_parameters(channel):
    terminals = terminals_pb2_grpc.TerminalsStub(channel)
    parameters = terminals.GetParameters(terminals_pb2.GetParametersRequest())
    ok((parameters.profile, parameters.currency, parameters.merchant_id) == ("EG", 818, SETTINGS["merchant"]), "parameters are this merchant's", str(parameters))
    ok([programme.code for programme in parameters.programmes] == [BREAD], "a bakery serves bread alone", str(parameters.programmes))
    again = terminals.GetParameters(terminals_pb2.GetParametersRequest(known_version=parameters.version))
    ok(again.unchanged and not again.prices, "known parameters are not sent again")
    ok(not terminals.GetDenylist(terminals_pb2.GetDenylistRequest()).more, "the denylist is read to its end")
    # Several prices of one loaf: the last one that holds today.
    prices = sorted((price for price in parameters.prices if price.valid_from.yyyymmdd <= SETTINGS["today"]), key=lambda price: price.valid_from.yyyymmdd)
    return parameters, prices[-1]


def check_refusals(channel, other):
    draws = disbursements_pb2_grpc.DisbursementsStub(channel)
    invalid, exhausted = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED
    refused(lambda: draws.Inquire(disbursements_pb2.InquireRequest(card_number="1234")), invalid, "MALFORMED", "an inquiry of no card", "card_number")
    bad = signed((os.urandom(130), bytes(8), bytes(64)))
    line = common_pb2.BasketLine(programme=BREAD, commodity=1, quantity=1, unit_price_minor=20)
    refused(lambda: draws.Authorise(disbursements_pb2.AuthoriseRequest(signed_record=bad, lines=[line])), invalid, "MALFORMED", "random bytes for a record", "signed_record.record")
    large = signed((bytes(70_000), bytes(8), bytes(64)))
    refused(lambda: draws.Authorise(disbursements_pb2.AuthoriseRequest(signed_record=large, lines=[line])), exhausted, "TOO_LARGE", "a message above 64 KiB")
    garbage = channel.unary_unary("/subsidy.v1.Disbursements/Authorise")
    refused(lambda: garbage(b"\x0a\xff\xff\xff\x7f\x01"), invalid, "MALFORMED", "bytes that are no message")
    order = cards_pb2.OrderCardRequest(order_id=os.urandom(16).hex(), household_id=SETTINGS["household"])
    refused(lambda: cards_pb2_grpc.CardsStub(channel).Order(order), grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING", "a terminal at a staff method")
    unknown = draws.Inquire(disbursements_pb2.InquireRequest(card_number="6228180000000004"[:15] + luhn("622818000000000")))
    ok(unknown.standing == disbursements_pb2.CARD_STANDING_UNKNOWN, "an unknown card is known as such", str(unknown))
    ledger = batches_pb2_grpc.BatchesStub(channel)
    refused(lambda: ledger.UploadLedger(iter([header(other), chunk(1)])), grpc.StatusCode.PERMISSION_DENIED, "NOT_YOURS", "another merchant's ledger", "header.merchant_id")
    refused(lambda: ledger.UploadLedger(iter([header(SETTINGS["merchant"]), chunk(501)])), exhausted, "TOO_LARGE", "501 lines in a chunk", "chunk[0].lines")
    refused(lambda: ledger.UploadLedger(iter([chunk(1)])), invalid, "MALFORMED", "a ledger without its header", "header")


def luhn(payload):
    digits = [int(digit) for digit in reversed(payload)]
    doubled = [digit * 2 - 9 * (digit > 4) if index % 2 == 0 else digit for index, digit in enumerate(digits)]
    return str(-sum(doubled) % 10)


def issue_card():
    """Orders, personalises, certifies, issues and activates a card, as ministry and bureau do."""
    staff = grpc.secure_channel(
        SETTINGS["address"], grpc.ssl_channel_credentials(ROOT, SETTINGS["staffKeyPem"].encode(), SETTINGS["staffCertificatesPem"].encode())
    )
    cards = cards_pb2_grpc.CardsStub(staff)
    order = cards_pb2.OrderCardRequest(order_id=os.urandom(16).hex(), household_id=SETTINGS["household"])
    number = cards.Order(order).card_number
    ok(cards.Order(order).card_number == number and luhn(number[:15]) == number[15], "an order gives one card number, with a check digit")
    step = cards_pb2.CardStepRequest(card_number=number)
    refused(lambda: cards.Activate(step), grpc.StatusCode.FAILED_PRECONDITION, "WRONG_STATE", "activating a card that was never issued")

    bureau = contract.new_key()
    begun = cards.BeginPersonalisation(cards_pb2.BeginPersonalisationRequest(card_number=number, transport_public_key=contract.point(bureau)))
    version, _, keys = contract.unwrap(begun.wrapped_keys, begun.transport_public_key, bureau, number)
    ok(version == 1 and len(set(keys.values())) == 5, "the bureau opens five different keys")
    agreement, signature = contract.new_key(), contract.new_key()
    certified = cards.CertifyCard(
        cards_pb2.CertifyCardRequest(card_number=number, key_agreement_public_key=contract.point(agreement), signature_public_key=contract.point(signature))
    )
    ok(contract.point(signature) in certified.signature_certificate, "the card's signature key is certified")
    cards.CompletePersonalisation(cards_pb2.CompletePersonalisationRequest(card_number=number))
    cards.Issue(step)
    status = cards.Activate(step)
    ok(status.state == cards_pb2.CARD_STATE_ACTIVE and len(status.events) >= 4, "the card is active, with its history", str(status))
    draws = disbursements_pb2_grpc.DisbursementsStub(staff)
    inquiry = disbursements_pb2.InquireRequest(card_number=number)
    refused(lambda: draws.Inquire(inquiry), grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING", "staff at a terminal's method")
    return contract.Card(number, keys["cryptogram"], signature), staff


def check_draws(channel, card, price, parameters):
    draws = disbursements_pb2_grpc.DisbursementsStub(channel)
    acknowledgement_key = contract.key_of_point(parameters.acknowledgement_public_key)
    basket = [(BREAD, price.commodity, 5, price.unit_price_minor)]
    lines = [common_pb2.BasketLine(programme=BREAD, commodity=price.commodity, quantity=5, unit_price_minor=price.unit_price_minor)]

    def commit(kind=contract.Card.ONLINE, terminal=SETTINGS["terminal"]):
        return card.draw(terminal, SETTINGS["today"], SETTINGS["time"], basket, kind)

    def authorise(evidence):
        return draws.Authorise(disbursements_pb2.AuthoriseRequest(signed_record=signed(evidence), lines=lines))

    def declined(answer, reason, what):
        came = disbursements_pb2.DeclineReason.Name(answer.outcome.declined.reason)
        ok(answer.outcome.WhichOneof("result") == "declined" and came == "DECLINE_REASON_" + reason, f"{what}: declined {reason}", str(answer))

    def reverse(evidence, result, what):
        answer = draws.Reverse(disbursements_pb2.ReverseRequest(signed_record=signed(evidence), reason=disbursements_pb2.REVERSAL_REASON_NO_ANSWER))
        ok(answer.result == result, f"{what}: {disbursements_pb2.ReversalResult.Name(result)}", str(answer))
        contract.verify(acknowledgement_key, contract.acknowledged(2, evidence[0], answer.result), answer.acknowledgement)
        return answer

    inquiry = draws.Inquire(disbursements_pb2.InquireRequest(card_number=card.number))
    bread = next(balance for balance in inquiry.balances if balance.quota == 1)
    ok(bread.limit == 150 * SETTINGS["members"] and bread.consumed == 0, "the household's bread of the month is shown", str(inquiry))

    first = commit()
    answer = authorise(first)
    approved = answer.outcome.approved
    ok(answer.outcome.WhichOneof("result") == "approved" and approved.citizen_pays_minor == 5 * price.unit_price_minor, "five loaves are approved", str(answer))
    ok(approved.subsidy_minor == 5 * price.unit_subsidy_minor, "the fund owes what the price list says", str(answer))
    arpc = contract.aes_cmac(contract.session_key(card.cryptogram_key, 1), first[1] + answer.arc)[:8]
    ok(not answer.arpc or answer.arpc == arpc, "the issuer's answer is for this card and this draw", str(answer))
    ok(authorise(first).outcome.SerializeToString() == answer.outcome.SerializeToString(), "the same draw gets the same outcome, byte for byte")

    card.atc -= 1
    declined(authorise(commit()), "ATC_REPLAYED", "another draw with the same counter")
    card.chain = contract.hashlib.sha256(bytes(8) + first[0]).digest()[:8]

    second = commit()
    declined(authorise((second[0], bytes(8), second[2])), "WRONG_CRYPTOGRAM", "a forged cryptogram")
    declined(authorise((second[0], second[1], bytes(63) + b"\x01")), "WRONG_SIGNATURE", "a forged signature")
    ok(authorise(second).outcome.WhichOneof("result") == "approved", "forgeries do not use the counter up")
    reverse(second, disbursements_pb2.REVERSAL_RESULT_UNDONE, "a draw in doubt")
    reverse(second, disbursements_pb2.REVERSAL_RESULT_UNDONE, "the same advice again")

    third = commit()
    reverse(third, disbursements_pb2.REVERSAL_RESULT_NOTHING_TO_UNDO, "an advice before its draw")
    declined(authorise(third), "ALREADY_REVERSED", "a draw after its reversal")
    declined(authorise(commit(terminal=SETTINGS["otherTerminal"])), "TERMINAL_MISMATCH", "a record of another terminal")

    refund = disbursements_pb2.RefundRequest(refund_id=os.urandom(16).hex(), signed_record=signed(second), lines=lines)
    ok(draws.Refund(refund).result == disbursements_pb2.REFUND_RESULT_REVERSED, "nothing is refunded of a draw that was undone")
    check_stream(draws, first, answer.outcome, lines)

    after = draws.Inquire(disbursements_pb2.InquireRequest(card_number=card.number))
    left = next(balance for balance in after.balances if balance.quota == 1)
    ok(left.consumed == 5, "what was undone or declined is not consumed", str(after))
    return first, left.lent, lines, commit, acknowledgement_key


def check_stream(draws, first, outcome, lines):
    """Two requests at once, one of them none: each is answered under its number."""
    asked = {
        41: disbursements_pb2.AuthoriseRequest(signed_record=signed((os.urandom(130), bytes(8), bytes(64))), lines=lines),
        42: disbursements_pb2.AuthoriseRequest(signed_record=signed(first), lines=lines),
    }
    requests = [disbursements_pb2.AuthoriseStreamRequest(number=number, request=request) for number, request in asked.items()]
    answers = {answer.number: answer for answer in draws.AuthoriseStream(iter(requests))}
    ok(answers.keys() == asked.keys(), "a stream answers every request under its number", str(answers))
    refusal = answers[41].refused
    ok((refusal.reason, refusal.field) == (common_pb2.REFUSAL_REASON_MALFORMED, "request.signed_record.record"), "one that is none is refused singly", str(answers[41]))
    ok(answers[42].decided.outcome.SerializeToString() == outcome.SerializeToString(), "the same draw gets the same outcome on a stream, too", str(answers[42]))


def check_presentment(channel, lent, lines, commit, acknowledgement_key):
    draws = disbursements_pb2_grpc.DisbursementsStub(channel)
    records = [commit(contract.Card.OFFLINE)] if lent >= 5 else []
    asked = [disbursements_pb2.PresentRequest(signed_record=signed(evidence), lines=lines) for evidence in records]
    asked.append(disbursements_pb2.PresentRequest(signed_record=signed((os.urandom(130), bytes(8), bytes(64))), lines=lines))
    answers = list(draws.Present(iter(asked)))
    ok(len(answers) == len(asked), "every presented record is answered", str(answers))
    for request, answer in zip(asked, answers):
        code = answer.outcome.declined.reason if answer.outcome.WhichOneof("result") == "declined" else 0
        contract.verify(acknowledgement_key, contract.acknowledged(1, request.signed_record.record, code), answer.acknowledgement)
    ok(answers[-1].outcome.declined.reason == disbursements_pb2.DECLINE_REASON_MALFORMED_RECORD, "bytes that are no record are answered and acknowledged", str(answers[-1]))
    if records:
        ok(answers[0].outcome.WhichOneof("result") == "approved", "an offline draw within the allowance is approved", str(answers[0]))


def header(merchant, batch=1):
    return batches_pb2.UploadLedgerRequest(
        header=batches_pb2.LedgerHeader(upload_id=os.urandom(16).hex(), merchant_id=merchant, business_date=TODAY, batch_number=batch)
    )


def chunk(count, transaction=None):
    return batches_pb2.UploadLedgerRequest(
        chunk=batches_pb2.LedgerChunk(
            lines=[
                batches_pb2.LedgerLine(
                    transaction_id=transaction or os.urandom(16).hex(), terminal_id=SETTINGS["terminal"], programme=BREAD, quantity=5,
                    citizen_paid_minor=100, business_date=TODAY, receipt_number=str(row),
                )
                for row in range(count)
            ]
        )
    )


def check_ledger(channel, first):
    ledger = batches_pb2_grpc.BatchesStub(channel)
    head, body = header(SETTINGS["merchant"]), [chunk(1, first[0][83:99].hex()), chunk(400), chunk(500)]
    body[1].chunk.lines[2].quantity = 0
    answer = ledger.UploadLedger(iter([head, *body]))
    ok((answer.accepted, answer.refused) == (900, 1) and answer.refusals[0].row == 4, "a ledger in chunks: good lines stay, one is told", str(answer))
    ok(ledger.UploadLedger(iter([head, *body])).repeated_upload, "the same upload again adds nothing")
    csv = "transaction_id,terminal_id,programme,quantity,citizen_paid_minor,business_date,receipt_number\n"
    day = str(SETTINGS["today"])
    rest = f"{SETTINGS['terminal']},1,5,100,{day[:4]}-{day[4:6]}-{day[6:]},A1"
    rows = [f"{os.urandom(16).hex()},{rest}", f"nothing,{rest}"]
    file = batches_pb2.UploadLedgerCsvRequest(
        upload_id=os.urandom(16).hex(), merchant_id=SETTINGS["merchant"], business_date=TODAY, content=(csv + "\n".join(rows) + "\n").encode()
    )
    answer = ledger.UploadLedgerCsv(file)
    ok((answer.accepted, answer.refused) == (1, 1) and answer.refusals[0].row == 3, "a CSV ledger is told row by row", str(answer))


def check_reconciliation(staff):
    service = reconciliation_pb2_grpc.ReconciliationStub(staff)
    run = service.Run(reconciliation_pb2.RunReconciliationRequest(business_date=TODAY))
    totals = run.totals
    ok(totals.matched >= 1 and totals.missing_at_ministry > 800, "the evening finds the claims that no card signed", str(totals))
    report = service.GetReport(reconciliation_pb2.GetReportRequest(run_id=run.run_id, format=reconciliation_pb2.REPORT_FORMAT_JSON, language="en"))
    ok(isinstance(json.loads(report.content.decode("utf-8-sig")), dict), "the report is JSON", str(report))
    page = service.ListBreaks(reconciliation_pb2.ListBreaksRequest(run_id=run.run_id, page_size=500))
    ok(len(page.breaks) == 500 and page.more, "breaks come in pages", f"{len(page.breaks)} {page.more}")


def main():
    anyone = connect()
    check_health(anyone)
    check_strangers(anyone)
    terminal = enrol(anyone, SETTINGS["terminal"], SETTINGS["activationCode"])
    parameters, price = check_parameters(terminal)
    check_refusals(terminal, SETTINGS["otherMerchant"])
    card, staff = issue_card()
    first, lent, lines, commit, acknowledgement_key = check_draws(terminal, card, price, parameters)
    check_presentment(terminal, lent, lines, commit, acknowledgement_key)
    check_ledger(terminal, first)
    if SETTINGS["reconcile"]:
        check_reconciliation(staff)
    print("done")


main()
