using SmartCard.CardOs.Kernel;
using SmartCard.CardOs.Security;
using SmartCard.Protocol.Apdus;
using SmartCard.Protocol.Cryptography;
using SmartCard.Protocol.Personalisation;
using SmartCard.Protocol.SecureChannels;

namespace SmartCard.CardOs.Commands;

/// <summary>
/// PUT KEY (GP Card Specification 2.3, 11.8; Amendments D and F). Three groups: the SCP03 set and the terminal authority, which may be replaced in the field; the
/// application's keys, which are loaded once, before the card is secured. Answers the new version and the check values.
/// </summary>
internal sealed class PutKeyCommand : ICardCommand
{
    public ResponseApdu Execute(CommandContext card, CommandApdu command)
    {
        if (!PutKeyData.TryDecode(command.Data, out var data))
            return Answers.Refuse(StatusWord.WrongData);
        var several = (command.P2 & CardKeyReferences.SeveralKeys) != 0;
        if (several != data.Components.Count > 1)
            return Answers.Refuse(StatusWord.WrongData);

        var keyId = (byte)(command.P2 & ~CardKeyReferences.SeveralKeys);
        return (data.KeyVersion, keyId, data.Components.Count) switch
        {
            (CardKeyReferences.Scp03KeyVersion, CardKeyReferences.Scp03FirstKeyId, 3) => PutScp03Keys(card, command.P1, data),
            (CardKeyReferences.ApplicationKeyVersion, CardKeyReferences.ApplicationFirstKeyId, 2) => PutApplicationKeys(card, command.P1, data),
            (Scp11aKeys.KeyVersion, Scp11aKeys.TerminalAuthorityKeyId, 1) => PutTerminalAuthority(card, command.P1, data),
            _ => Answers.Refuse(StatusWord.ReferencedDataNotFound),
        };
    }

    private static ResponseApdu PutScp03Keys(CommandContext card, byte replaces, PutKeyData data)
    {
        if (replaces != card.State.Keys.Scp03Version)
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (!TryDecrypt(card, data, out var keys))
            return Answers.Refuse(StatusWord.WrongData);

        // Amendment D, 6.2.2.1: a new key set begins to count anew.
        card.Commit(card.State with
        {
            Keys = card.State.Keys with { Scp03Version = data.KeyVersion, Enc = keys[0], Mac = keys[1], Dek = keys[2], Scp03Sequence = 0 },
        });
        return Confirm(data);
    }

    private static ResponseApdu PutApplicationKeys(CommandContext card, byte replaces, PutKeyData data)
    {
        if (card.State.LifeCycle != CardLifeCycle.Initialized)
            return Answers.Refuse(StatusWord.ConditionsOfUseNotSatisfied);
        if (replaces is not (0 or CardKeyReferences.ApplicationKeyVersion))
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (!TryDecrypt(card, data, out var keys))
            return Answers.Refuse(StatusWord.WrongData);
        card.Commit(card.State with { Keys = card.State.Keys with { CryptogramKey = keys[0], ScriptKey = keys[1] } });
        return Confirm(data);
    }

    private static ResponseApdu PutTerminalAuthority(CommandContext card, byte replaces, PutKeyData data)
    {
        var component = data.Components[0];
        if (replaces is not (0 or Scp11aKeys.KeyVersion))
            return Answers.Refuse(StatusWord.ReferencedDataNotFound);
        if (component.Type != CardKeyReferences.EcPublicKeyType || !P256.IsValidPoint(component.Value.Span))
            return Answers.Refuse(StatusWord.WrongData);
        card.Commit(card.State with { Keys = card.State.Keys with { TerminalAuthorityPoint = component.Value.ToArray() } });
        return Confirm(data);
    }

    private static bool TryDecrypt(CommandContext card, PutKeyData data, out byte[][] keys)
    {
        keys = new byte[data.Components.Count][];
        for (var index = 0; index < keys.Length; index++)
        {
            var component = data.Components[index];
            if (component.Type != CardKeyReferences.AesKeyType
                || !card.Session.Channel!.Messaging.TryDecryptSensitive(component.Value.Span, out keys[index])
                || !KeyCheckValue.Compute(keys[index]).AsSpan().SequenceEqual(component.CheckValue.Span))
            {
                return false;
            }

            card.Timing.Charge(CardOperation.SetUpAesKey);
        }

        return true;
    }

    private static ResponseApdu Confirm(PutKeyData data) =>
        Answers.Data((byte[])[data.KeyVersion, .. data.Components.SelectMany(component => component.CheckValue.ToArray())]);
}
