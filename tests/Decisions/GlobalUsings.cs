global using SmartCard.Backend.Cards.Contracts;
global using SmartCard.Backend.Disbursements.Contracts;
global using SmartCard.Backend.Disbursements.Decisions;
global using SmartCard.Backend.Platform;
global using SmartCard.Backend.Programmes.Contracts;
global using SmartCard.Backend.Tests.Disbursements;
global using SmartCard.Decisions.Tests.Support;
global using SmartCard.Protocol.Transactions;
