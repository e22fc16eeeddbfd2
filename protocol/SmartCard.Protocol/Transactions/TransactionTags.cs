using SmartCard.Protocol.Tlv;

namespace SmartCard.Protocol.Transactions;

/// <summary>
/// Every tag inside the subsidy application's data fields, each with one meaning everywhere (protocol/spec/transaction-record.md).
/// EMV's own where EMV has the object (EMV book 3, annex A); DF20 and up are private (ISO 7816-4, 5.2.2.1: class 11).
/// </summary>
public static class TransactionTags
{
    public static readonly Tag Amount = 0x9F02;
    public static readonly Tag Currency = 0x5F2A;
    public static readonly Tag Date = 0x9A;
    public static readonly Tag Time = 0x9F21;
    public static readonly Tag Type = 0x9C;
    public static readonly Tag UnpredictableNumber = 0x9F37;
    public static readonly Tag TerminalId = 0x9F1C;
    public static readonly Tag CryptogramInformation = 0x9F27;
    public static readonly Tag Atc = 0x9F36;
    public static readonly Tag Cryptogram = 0x9F26;
    public static readonly Tag AuthorisationResponseCode = 0x8A;
    public static readonly Tag IssuerAuthenticationData = 0x91;

    /// <summary>EMV's response template, format 2.</summary>
    public static readonly Tag ResponseTemplate = 0x77;

    /// <summary>EMV's READ RECORD template; also around the last record.</summary>
    public static readonly Tag RecordTemplate = 0x70;

    /// <summary>EMV's command template of GET PROCESSING OPTIONS.</summary>
    public static readonly Tag CommandTemplate = 0x83;

    public static readonly Tag BasketHash = 0xDF20;
    public static readonly Tag TransactionId = 0xDF21;
    public static readonly Tag Programme = 0xDF22;
    public static readonly Tag Quantity = 0xDF23;
    public static readonly Tag Unit = 0xDF24;
    public static readonly Tag OfflineSpent = 0xDF25;
    public static readonly Tag PreviousChain = 0xDF26;
    public static readonly Tag Chain = 0xDF27;
    public static readonly Tag Signature = 0xDF28;
    public static readonly Tag Record = 0xDF29;
    public static readonly Tag Allowance = 0xDF2A;
    public static readonly Tag ConsecutiveOffline = 0xDF2B;
    public static readonly Tag PinState = 0xDF2C;
    public static readonly Tag PinThreshold = 0xDF2D;
    public static readonly Tag ScriptCounter = 0xDF2E;

    /// <summary>One programme of a draw; holds <see cref="Programme"/> and what is said of it.</summary>
    public static readonly Tag Draw = 0xE2;
}
